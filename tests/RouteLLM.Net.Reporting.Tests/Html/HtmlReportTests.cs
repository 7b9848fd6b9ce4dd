using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;

namespace RouteLLM.Reporting.Tests.Html;

public partial class HtmlReportTests
{
    private static readonly HtmlReportOptions s_options = new() { CreatedAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), Bootstrap = new() { Resamples = 50 } };

    private static readonly string[] s_characters = ["a", "e\u0301", "\U0001F600", "\U0001F469\u200D\U0001F467", "\r\n", "\uD83D"];

    [Fact]
    public async Task Nothing_in_the_data_ends_a_script_opens_a_tag_or_is_filled_in()
    {
        string html = Create([await Evaluations.CreateAsync()], s_options with { Title = "{{data}} </title><script>window.hacked = true</script>" });

        Assert.Equal(2, Regex.Count(html, "<script", RegexOptions.IgnoreCase));
        Assert.Equal(2, Regex.Count(html, "</script>", RegexOptions.IgnoreCase));
        string data = Data().Match(html).Groups[1].Value;
        Assert.DoesNotContain('<', data);
        Assert.DoesNotContain('>', data);
        Assert.DoesNotContain('&', data);
        Assert.Equal(2, Regex.Count(html, Regex.Escape("{{data}} &lt;/title&gt;")));
    }

    [Fact]
    public async Task Prompts_come_out_of_the_data_as_they_went_in_cut_to_the_length_asked_for()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        JsonElement router = Read(Create([evaluation], s_options with { Examples = 200, MaxPromptLength = 60 })).GetProperty("routers")[0];

        Dictionary<string, string> prompts = evaluation.Overall.EvaluatedRows.ToDictionary(static row => row.Id, static row => row.Prompt!);
        JsonElement[] examples = [.. router.GetProperty("examples").EnumerateArray()];
        Assert.Equal(200, examples.Length);
        Assert.All(examples, example =>
        {
            string whole = prompts[example.GetProperty("id").GetString()!], text = example.GetProperty("text").GetString()!;
            Assert.Equal(whole.Length, example.GetProperty("length").GetInt32());
            Assert.InRange(text.Length, Math.Min(whole.Length, 60) - 20, 60);

            // Half a surrogate pair is no text; it becomes the replacement character.
            Assert.StartsWith(text, new UTF8Encoding(false).GetString(Encoding.UTF8.GetBytes(whole)), StringComparison.Ordinal);
        });
        Assert.Equal(examples.Select(static example => example.GetProperty("winProbability").GetDouble()).Order(), examples.Select(static example => example.GetProperty("winProbability").GetDouble()));
    }

    [Fact]
    public void A_prompt_is_never_cut_inside_a_character() => Gen.Select(Gen.Int[0, s_characters.Length - 1].Select(static i => s_characters[i]).Array[0, 40], Gen.Int[1, 60]).Sample((parts, length) =>
    {
        string prompt = string.Concat(parts), excerpt = PromptExcerpt.Of(prompt, length);
        Assert.True(excerpt.Length <= length);
        Assert.StartsWith(excerpt, prompt, StringComparison.Ordinal);
        int[] borders = [.. System.Globalization.StringInfo.ParseCombiningCharacters(prompt), prompt.Length];
        Assert.Contains(excerpt.Length, borders);

        // No more is cut off than must be.
        Assert.True(excerpt.Length == prompt.Length || borders.First(border => border > excerpt.Length) > length);
    });

    [Fact]
    public async Task Only_the_reports_own_script_and_style_may_run_and_nothing_may_be_fetched()
    {
        string html = Create([await Evaluations.CreateAsync()], s_options);

        string policy = Policy().Match(html).Groups[1].Value;
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src 'sha256-{Hash(Script().Match(html).Groups[1].Value)}';", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src 'sha256-{Hash(Style().Match(html).Groups[1].Value)}';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', html);
    }

    [Fact]
    public async Task The_same_evaluations_make_the_same_file()
    {
        using var folder = new TemporaryFolder();
        HtmlReport.Save(folder["report.html"], [await Evaluations.CreateAsync()], s_options, TestContext.Current.CancellationToken);

        Assert.Equal(Create([await Evaluations.CreateAsync()], s_options), File.ReadAllText(folder["report.html"]));
    }

    [Fact]
    public async Task Places_of_the_slider_are_the_evaluations_operating_points()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        JsonElement router = Read(Create([evaluation], s_options with { MaxPoints = 30 })).GetProperty("routers")[0];

        JsonElement points = router.GetProperty("points");
        double[] thresholds = [.. points.GetProperty("thresholds").EnumerateArray().Select(static value => value.ValueKind == JsonValueKind.Null ? double.PositiveInfinity : value.GetDouble())];
        Assert.InRange(thresholds.Length, 25, 30);
        for (int i = 0; i < thresholds.Length; i++)
        {
            OperatingPoint expected = evaluation.Overall.AtThreshold(thresholds[i]);
            Assert.Equal(expected.StrongShare, points.GetProperty("strongShares")[i].GetDouble(), 12);
            Assert.Equal(expected.Quality, points.GetProperty("qualities")[i].GetDouble(), 12);
            Assert.Equal(expected.Cost!.Value, points.GetProperty("costs")[i].GetDouble(), 12);
        }

        Assert.Equal(evaluation.Threshold, thresholds[router.GetProperty("start").GetInt32()]);
        Assert.Equal(1, points.GetProperty("strongShares")[thresholds.Length - 1].GetDouble());
    }

    [Fact]
    public async Task Examples_stand_on_both_sides_of_the_threshold_and_prompts_can_be_left_out()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        double[] shown = [.. Read(Create([evaluation], s_options with { Examples = 30 })).GetProperty("routers")[0].GetProperty("examples").EnumerateArray().Select(static example => example.GetProperty("winProbability").GetDouble())];
        double[] all = [.. evaluation.Overall.EvaluatedRows.Select(static row => row.WinProbability).Order()];

        Assert.Equal(30, shown.Length);
        Assert.Equal(all.Last(p => p < evaluation.Threshold), shown.Last(p => p < evaluation.Threshold));
        Assert.Equal(all.First(p => p >= evaluation.Threshold), shown.First(p => p >= evaluation.Threshold));
        Assert.Equal((all[0], all[^1]), (shown[0], shown[^1]));
        string without = Create([await Evaluations.CreateAsync(keepPrompts: false)], s_options);
        Assert.Empty(Read(without).GetProperty("routers")[0].GetProperty("examples").EnumerateArray());
        Assert.DoesNotContain("hacked", without, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routers_of_the_same_name_are_told_apart_and_compared_with_the_first()
    {
        RouterEvaluation first = await Evaluations.CreateAsync(), second = await Evaluations.CreateAsync(noise: 0.9);
        JsonElement data = Read(Create([first, second], s_options));

        Assert.Equal(["sharp", "sharp (2)"], data.GetProperty("routers").EnumerateArray().Select(static router => router.GetProperty("name").GetString()));
        JsonElement apgr = data.GetProperty("differences").EnumerateArray().Single(static difference => difference.GetProperty("metric").GetString() == "APGR");
        Assert.Equal("sharp (2)", apgr.GetProperty("router").GetString());
        Assert.Equal(second.Overall.Apgr - first.Overall.Apgr, apgr.GetProperty("difference").GetDouble(), 12);
        Assert.True(apgr.GetProperty("high").GetDouble() < 0);
    }

    [Fact]
    public async Task Rows_that_are_only_rated_have_shares_and_no_qualities()
    {
        JsonElement data = Read(Create([await Evaluations.CreateRatedAsync()], s_options));

        JsonElement points = data.GetProperty("routers")[0].GetProperty("points");
        Assert.Equal(200, points.GetProperty("strongShares").GetArrayLength() - 1);
        Assert.Equal((0, 0), (points.GetProperty("qualities").GetArrayLength(), data.GetProperty("oracle").GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, data.GetProperty("overall").GetProperty("apgr").ValueKind);
    }

    [Fact]
    public async Task Options_out_of_bounds_and_no_evaluation_are_refused()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();

        Assert.Throws<ArgumentException>(() => Create([], s_options));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create([evaluation], new() { Examples = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create([evaluation], new() { MaxPromptLength = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create([evaluation], new() { MaxPoints = 1 }));
    }

    private static string Create(IReadOnlyList<RouterEvaluation> evaluations, HtmlReportOptions options) => HtmlReport.Create(evaluations, options, TestContext.Current.CancellationToken);

    private static JsonElement Read(string html) => JsonSerializer.Deserialize<JsonElement>(Data().Match(html).Groups[1].Value);

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("Content-Security-Policy\" content=\"(.*?)\"")]
    private static partial Regex Policy();
}
