namespace RouteLLM.Reporting.Tests;

/// <summary>Evaluations that are small, the same every time, and hold prompts that a page must not trip over.</summary>
internal static class Evaluations
{
    public const string Strong = "big <model> & \"co\"", Weak = "small 'model'";

    public static readonly string[] Nasty =
    [
        "</script><script>window.hacked = true</script><!-- <script>",
        "<img src=x onerror=\"window.hacked = true\"> <svg onload=window.hacked=1> <style>body { display: none }</style>",
        "{{script}} {{data}} ${alert(1)} `); window.hacked = true; //\u2028\u2029",
        "\u202Eright to left\u202C \u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627 \u202E never closed",
        "\U0001F469\u200D\U0001F469\u200D\U0001F467 emoji \U0001F1E9\U0001F1EA e\u0301\u0302 \u65E5\u672C\u8A9E \uD55C\uAD6D\uC5B4",
        "half a pair \uD83D and \uDE00, controls \0 \u0007 \u001B[31m \r\n\ttab",
        new string('w', 100_000),
        string.Concat(Enumerable.Repeat("\U0001F600 <b>&amp;</b> ", 8000)),
    ];

    private static readonly EvaluationOptions s_options = new() { StrongModel = Strong, WeakModel = Weak, StrongShare = 0.4, Bootstrap = new() { Resamples = 100 } };

    /// <summary>Evaluates a router that is right more often than not on 200 rows with scores, costs and nasty prompts.</summary>
    public static Task<RouterEvaluation> CreateAsync(string name = "sharp", double noise = 0.35, bool hasCosts = true, bool keepPrompts = true) =>
        RouterEvaluator.EvaluateAsync(new NoisyRouter(name, noise), Rows(hasCosts), s_options with { KeepPrompts = keepPrompts });

    /// <summary>Evaluates on rows that are rated and have no scores.</summary>
    public static Task<RouterEvaluation> CreateRatedAsync() =>
        RouterEvaluator.EvaluateAsync(new NoisyRouter("rated", 0.2), Rows(false).Select(static (row, i) => row with { Scores = new Dictionary<string, double>(), StrongProbability = i % 10 / 10.0 }), s_options);

    /// <summary>Evaluates any router on rows of the caller's.</summary>
    public static Task<RouterEvaluation> CreateAsync(IRouter router, IEnumerable<EvaluationRow> rows) => RouterEvaluator.EvaluateAsync(router, rows, s_options);

    public static EvaluationRow[] Rows(bool hasCosts) =>
    [
        .. Enumerable.Range(0, 200).Select(i => new EvaluationRow
        {
            Id = $"row-{i}",
            Source = $"set/{(i % 3 == 0 ? "hard" : "easy")}",
            Prompt = $"{i}: {Nasty[i % Nasty.Length]}",
            Scores = new Dictionary<string, double> { [Strong] = i % 7 == 0 ? 0.5 : 1, [Weak] = i % 3 == 0 ? 0 : i % 7 == 1 ? 0.75 : 1 },
            Costs = hasCosts ? new Dictionary<string, double> { [Strong] = 0.01 + (i * 1e-5), [Weak] = 0.001 } : new Dictionary<string, double>(),
        }),
    ];

    private sealed class NoisyRouter(string name, double noise) : IRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
        {
            int i = int.Parse(request.Prompt.AsSpan(0, request.Prompt.IndexOf(':', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture);

            // Multiples of the golden ratio spread evenly, and no two are the same.
            double spread = i * 0.6180339887498949 % 1;
            return new((noise * spread) + ((1 - noise) * (i % 3 == 0 ? 0.8 : 0.3)));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(RouterMetadata) ? new RouterMetadata(name) : null;
    }
}
