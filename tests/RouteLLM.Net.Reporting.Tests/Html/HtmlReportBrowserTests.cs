using System.Globalization;
using Microsoft.Playwright;

namespace RouteLLM.Reporting.Tests.Html;

/// <summary>Opens reports as a reader does, and checks what they show against what was computed.</summary>
public sealed class HtmlReportBrowserTests(InstalledBrowser browser) : IClassFixture<InstalledBrowser>, IDisposable
{
    private static readonly HtmlReportOptions s_options = new() { Bootstrap = new() { Resamples = 50 } };

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _problems = [];
    private readonly List<string> _requests = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Moving_the_slider_by_keyboard_shows_the_computed_numbers_of_every_place()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        IPage page = await OpenAsync([evaluation]);
        ILocator slider = page.Locator("#slider");
        CostQualityCurve curve = evaluation.Overall.Curve!;
        int last = curve.Points.Count - 1;
        Assert.Equal(last.ToString(CultureInfo.InvariantCulture), await slider.GetAttributeAsync("max"));
        await ExpectAsync(page, evaluation, evaluation.Threshold);

        await slider.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await ExpectAsync(page, evaluation, double.PositiveInfinity);
        for (int i = 1; i <= 25; i++)
        {
            await page.Keyboard.PressAsync("ArrowRight");
            await ExpectAsync(page, evaluation, curve.Thresholds[i]);
        }

        await page.Keyboard.PressAsync("ArrowLeft");
        await ExpectAsync(page, evaluation, curve.Thresholds[24]);
        await page.Keyboard.PressAsync("End");
        await ExpectAsync(page, evaluation, curve.Thresholds[last]);
        Assert.Contains("100.0% strong", await slider.GetAttributeAsync("aria-valuetext"), StringComparison.Ordinal);
        ExpectNoProblems();
    }

    [Fact]
    public async Task The_slider_and_the_curve_are_moved_by_the_pointer_over_share_and_cost()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        IPage page = await OpenAsync([evaluation]);
        CostQualityCurve curve = evaluation.Overall.Curve!;

        LocatorBoundingBoxResult box = (await page.Locator("#slider").BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        int middle = await PlaceAsync(page);
        Assert.InRange(middle, curve.Points.Count * 0.45, curve.Points.Count * 0.55);
        await ExpectAsync(page, evaluation, curve.Thresholds[middle]);

        // The curve is drawn between 56 pixels from its left and 14 from its right.
        await page.Locator("#curve").ScrollIntoViewIfNeededAsync();
        box = (await page.Locator("#curve").BoundingBoxAsync())!;
        float X(double part) => (float)(box.X + 56 + (part * (box.Width - 56 - 14)));
        await page.Mouse.MoveAsync(X(0.5), box.Y + 100);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(X(0.25), box.Y + 120, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await page.Mouse.MoveAsync(X(0.9), box.Y + 120);
        int quarter = await PlaceAsync(page);
        Assert.Equal(0.25, curve.Points[quarter].StrongShare, 0.01);
        await ExpectAsync(page, evaluation, curve.Thresholds[quarter]);

        await page.Locator("input[value=cost]").CheckAsync();
        await page.Mouse.ClickAsync(X(0.5), box.Y + 150);
        int half = await PlaceAsync(page);
        Assert.Equal((curve.Costs![0] + curve.Costs[^1]) / 2, curve.Costs[half], curve.Costs[^1] * 0.02);
        await ExpectAsync(page, evaluation, curve.Thresholds[half]);
        ExpectNoProblems();
    }

    [Fact]
    public async Task Prompts_are_shown_as_text_on_their_side_of_the_threshold_whatever_they_hold()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        IPage page = await OpenAsync([evaluation], s_options with { Examples = 200, MaxPromptLength = 2000 });
        EvaluatedRow[] sorted = [.. evaluation.Overall.EvaluatedRows.OrderBy(static row => row.WinProbability)];
        CostQualityCurve curve = evaluation.Overall.Curve!;
        await page.Locator("#slider").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        for (int place = 0; place < 40; place++, await page.Keyboard.PressAsync("ArrowRight"))
        {
            string[] below = await PromptsAsync(page, "#below"), above = await PromptsAsync(page, "#above");
            Assert.Equal(sorted.Where(row => row.WinProbability < curve.Thresholds[place]).Reverse().Take(5).Select(Shown), below);
            Assert.Equal(sorted.Where(row => row.WinProbability >= curve.Thresholds[place]).Take(5).Select(Shown), above);
        }

        Assert.False(await page.EvaluateAsync<bool>("() => 'hacked' in window"));
        Assert.Equal(0, await page.Locator("article img, article b, article style, article script").CountAsync());
        Assert.Equal(3, await page.Locator("script, style").CountAsync());
        Assert.True(await page.Locator("h1").IsVisibleAsync());

        ILocator more = page.Locator("#above .more").First;
        await more.ClickAsync();
        Assert.Equal("show less", await more.TextContentAsync());
        Assert.Equal("true", await more.GetAttributeAsync("aria-expanded"));
        ExpectNoProblems();

        static string Shown(EvaluatedRow row)
        {
            string text = PromptExcerpt.Of(row.Prompt!, 2000);
            return new System.Text.UTF8Encoding(false).GetString(System.Text.Encoding.UTF8.GetBytes(text)) + (text.Length < row.Prompt!.Length ? "…" : "");
        }
    }

    [Fact]
    public async Task Each_router_has_its_own_place_on_its_own_curve()
    {
        RouterEvaluation first = await Evaluations.CreateAsync(), second = await Evaluations.CreateAsync("dull", noise: 0.9);
        IPage page = await OpenAsync([first, second]);

        await page.Locator("#router").SelectOptionAsync("1");
        await ExpectAsync(page, second, second.Threshold);
        await page.Locator("#slider").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        int place = await PlaceAsync(page);
        await ExpectAsync(page, second, second.Overall.Curve!.Thresholds[place]);
        await page.Locator("#router").SelectOptionAsync("0");
        await ExpectAsync(page, first, first.Threshold);
        Assert.Equal(2, await page.Locator("#routers tbody tr").CountAsync());
        Assert.True(await page.Locator("#differences").IsVisibleAsync());

        // The slices, sorted by a column, from the highest down.
        await page.Locator("#slices th button", new() { HasText = "Rows" }).ClickAsync();
        Assert.Equal(["overall", "set", "set/easy", "set/hard"], await page.Locator("#slices tbody td:first-child").AllTextContentsAsync());
        await page.Locator("#slices th button", new() { HasText = "Rows" }).ClickAsync();
        Assert.Equal(["set/hard", "set/easy", "overall", "set"], await page.Locator("#slices tbody td:first-child").AllTextContentsAsync());
        ExpectNoProblems();
    }

    [Theory]
    [InlineData("desktop-light", 1280, 900, ColorScheme.Light)]
    [InlineData("phone-dark", 390, 844, ColorScheme.Dark)]
    public async Task It_is_readable_on_a_desktop_and_on_a_phone_in_light_and_dark(string name, int width, int height, ColorScheme scheme)
    {
        RouterEvaluation first = await Evaluations.CreateAsync(), second = await Evaluations.CreateAsync("dull", noise: 0.9);
        IPage page = await OpenAsync(
            [first, second], s_options, new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, IsMobile = width < 500, HasTouch = width < 500, DeviceScaleFactor = width < 500 ? 2 : 1 });

        // Nothing makes the page wider than the screen; wide tables scroll inside themselves.
        Assert.Equal(width, await page.EvaluateAsync<int>("() => Math.max(document.documentElement.scrollWidth, innerWidth)"));
        double[] luminances = await page.EvaluateAsync<double[]>("""
            () => ['backgroundColor', 'color'].map(property => {
              const [r, g, b] = getComputedStyle(document.body)[property].match(/[\d.]+/g).map(Number).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
              return .2126 * r + .7152 * g + .0722 * b;
            })
            """);
        Assert.Equal(scheme == ColorScheme.Dark, luminances[0] < luminances[1]);
        Assert.True((luminances.Max() + 0.05) / (luminances.Min() + 0.05) > 7);
        Assert.True(await page.EvaluateAsync<bool>("() => [...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.textContent.trim()).every(e => parseFloat(getComputedStyle(e).fontSize) >= 11)"));

        string path = Path.Combine(AppContext.BaseDirectory, $"report-{name}.png");
        byte[] screenshot = await page.ScreenshotAsync(new() { FullPage = true, Path = path });
        TestContext.Current.AddAttachment(Path.GetFileName(path), screenshot, "image/png");
        Assert.True(screenshot.Length > 50_000);
        ExpectNoProblems();
    }

    [Fact]
    public async Task Rows_that_are_only_rated_make_a_report_without_curves()
    {
        RouterEvaluation evaluation = await Evaluations.CreateRatedAsync();
        IPage page = await OpenAsync([evaluation]);

        Assert.False(await page.Locator("#curve").IsVisibleAsync());
        await page.Locator("#slider").FocusAsync();
        await page.Keyboard.PressAsync("End");
        Assert.Equal("100.0%", await page.Locator("#share").TextContentAsync());
        Assert.Equal("–", await page.Locator("#quality").TextContentAsync());
        Assert.Equal("the rows have no scores", await page.Locator("#quality-sub").TextContentAsync());
        ExpectNoProblems();
    }

    private static async Task<int> PlaceAsync(IPage page) => int.Parse(await page.Locator("#slider").InputValueAsync(), CultureInfo.InvariantCulture);

    private static async Task<string[]> PromptsAsync(IPage page, string side) => [.. await page.Locator($"{side} .prompt").AllTextContentsAsync()];

    /// <summary>Compares what the page shows with the evaluation's own numbers at a threshold.</summary>
    private static async Task ExpectAsync(IPage page, RouterEvaluation evaluation, double threshold)
    {
        OperatingPoint expected = evaluation.Overall.AtThreshold(threshold);
        async Task<double> Shown(string id) => double.Parse((await page.Locator(id).TextContentAsync())!.Trim('%', '$'), CultureInfo.InvariantCulture);
        Assert.Equal(expected.StrongShare * 100, await Shown("#share"), 0.0501);
        Assert.Equal(expected.Quality, await Shown("#quality"), 0.0000501);
        Assert.Equal(expected.Cost!.Value * 1000, await Shown("#cost"), 0.00501);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{expected.QualityRetained * 100:0.0}% of the strong model's"), await page.Locator("#quality-sub").TextContentAsync(), StringComparison.Ordinal);
        if (double.IsFinite(threshold))
        {
            // Shown rounded down, so that no prompt changes sides.
            double shown = await Shown("#threshold");
            Assert.InRange(threshold - shown, 0, 0.0000101);
            Assert.Equal(expected.StrongShare, evaluation.Overall.AtThreshold(shown).StrongShare);
        }
        else
        {
            Assert.Equal("none", await page.Locator("#threshold").TextContentAsync());
        }
    }

    private async Task<IPage> OpenAsync(IReadOnlyList<RouterEvaluation> evaluations, HtmlReportOptions? options = null, BrowserNewContextOptions? context = null)
    {
        IPage page = await browser.OpenAsync(context);
        page.Console += (_, message) => _problems.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _problems.Add(error);
        page.Dialog += (_, dialog) => _problems.Add(dialog.Message);
        page.Request += (_, request) => _requests.Add(request.Url);
        string path = _folder["report.html"];
        HtmlReport.Save(path, evaluations, options ?? s_options);
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return page;
    }

    /// <summary>Nothing was said on the console, and nothing was asked for but the file itself (and the icon that is written out in it).</summary>
    private void ExpectNoProblems()
    {
        Assert.Empty(_problems);
        Assert.Equal([new Uri(_folder["report.html"]).AbsoluteUri], _requests.Where(static url => !url.StartsWith("data:", StringComparison.Ordinal)));
    }
}
