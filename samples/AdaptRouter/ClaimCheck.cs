using System.Collections.Concurrent;
using System.Globalization;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace AdaptRouter;

/// <summary>Checks on real data whether 50 to 200 labels are enough: each domain is left out of the training of the built-in router, which is then adapted to it with more and more labels.</summary>
internal static class ClaimCheck
{
    // Where the differences are 0 or 1 rather than ratings, the trainer's penalty for such rows.
    private const double PenaltyOfRatings = 0.03, PenaltyOfOutcomes = 1;
    private const int RatedGroupSize = 10;

    private static readonly int[] s_sizes = [25, 50, 100, 200, 400, 800, 1600];

    private static readonly Domain[] s_domains =
    [
        new("chat/d", "law, medicine, humanities"),
        new("chat/e", "Japanese"),
        new("chat/f", "application traffic"),
        new("chat/n", "Chinese and Korean"),
        new("mmlu", "exam questions"),
        new("gsm8k", "school mathematics"),
        new("llmrouter", "another pair of models", "llama-3.1-nemotron-51b-instruct", "mistral-7b-instruct-v0.3"),
    ];

    public static void Run(string folder, string? cache, TextWriter output)
    {
        IReadOnlyList<EvaluationRow> rows = BuiltInRouterRecipe.ReadRows(folder);
        var curves = new List<(Domain Domain, LearningCurve Adapted, LearningCurve Scratch)>();
        foreach (Domain domain in s_domains)
        {
            HashedMatrixFactorizationModel original = Without(domain, rows, cache);
            AdaptationSet set = AdaptationSet.FromRows(
                domain.Source,
                rows.Where(row => domain.Contains(row) && row.Split == BuiltInRouterRecipe.TrainingSplit),
                domain.Strong,
                domain.Weak,
                group: row => row.StrongProbability is null ? null : RowGroups.Of(row, RatedGroupSize));
            var curve = new LearningCurveOptions { Sizes = s_sizes, HeldBackShare = 0.2 };
            var lossCurve = new LearningCurveOptions { Sizes = s_sizes, HeldBackShare = 0.2, HighestQuality = 0 };
            HashedMatrixFactorizationRouter before = original.ForDefaultPair();

            // The same routers are measured twice.
            var routers = new ConcurrentDictionary<(int Seed, int Labels), Func<string, double>>();
            Func<string, double> Adapt(IReadOnlyList<LabeledPrompt> labels, int seed) => routers.GetOrAdd((seed, labels.Count), _ => AdaptWith(labels, seed, original, domain));
            var adapted = AdaptationLearningCurve.Create(set, Adapt, prompt => before.PredictWinProbability(prompt), AdaptationMeasure.Ranking, curve, null, CancellationToken.None);
            var loss = AdaptationLearningCurve.Create(set, Adapt, prompt => before.PredictWinProbability(prompt), AdaptationMeasure.LogLoss, lossCurve, null, CancellationToken.None);
            var scratch = AdaptationLearningCurve.Create(set, (labels, seed) => TrainFromScratch(labels, domain, set, seed), null, AdaptationMeasure.Ranking, curve, null, CancellationToken.None);
            Print(domain, set, adapted, loss, scratch, output);
            curves.Add((domain, adapted, scratch));
        }

        output.WriteLine($"{"domain",-12} {"before",7} {"50",7} {"200",7} {"all tried",10}   twice as many as 200 would add");
        foreach ((Domain domain, LearningCurve adapted, _) in curves)
        {
            double At(int labels) => adapted.Points.First(point => point.Labels == labels).Mean;
            output.WriteLine(Invariant($"{domain.Source,-12} {adapted.Before!.Mean,7:0.000} {At(50),7:0.000} {At(200),7:0.000} {adapted.Points[^1].Mean,10:0.000}   {Gain(adapted, 200):0.000}"));
        }

        int Enough(Func<(Domain Domain, LearningCurve Adapted, LearningCurve Scratch), LearningCurve> of, int labels) => curves.Count(domain => Gain(of(domain), labels) < of(domain).MinimumGain);
        output.WriteLine();
        output.WriteLine(Invariant($"Are 50 to 200 labels enough, so that twice as many would add less than {curves[0].Adapted.MinimumGain}? 50 are in {Enough(static c => c.Adapted, 50)} and 200 in {Enough(static c => c.Adapted, 200)} of {curves.Count} domains; from scratch, in {Enough(static c => c.Scratch, 50)} and {Enough(static c => c.Scratch, 200)}."));
    }

    private static double Gain(LearningCurve curve, int labels) => curve.Fit.Predict(2 * labels) - curve.Fit.Predict(labels);

    private static HashedMatrixFactorizationModel Without(Domain domain, IReadOnlyList<EvaluationRow> rows, string? cache)
    {
        string? path = cache is null ? null : Path.Combine(cache, $"{domain.Source.Replace('/', '-')}.safetensors");
        if (File.Exists(path))
        {
            return HashedMatrixFactorizationModel.Load(path);
        }

        TrainedMatrixFactorization trained = BuiltInRouterRecipe.Train(rows.Where(row => !domain.Contains(row)));
        if (path is not null)
        {
            Directory.CreateDirectory(cache!);
            File.WriteAllBytes(path, trained.Artifact.Span);
        }

        return trained.Model;
    }

    private static Func<string, double> AdaptWith(IReadOnlyList<LabeledPrompt> labels, int seed, HashedMatrixFactorizationModel original, Domain domain)
    {
        // By chance, all of few labels may be the same; nothing is learned from them then.
        if (labels.All(row => row.Label == labels[0].Label))
        {
            HashedMatrixFactorizationRouter unchanged = original.ForDefaultPair();
            return prompt => unchanged.PredictWinProbability(prompt);
        }

        var options = new AdaptationOptions { StrongModel = domain.Strong, WeakModel = domain.Weak, Seed = seed, Assess = false, MaxDegreeOfParallelism = 1 };
        var adapted = (HashedMatrixFactorizationRouter)RouterAdapter.Adapt(original, [new AdaptationSet(domain.Source, labels)], options).Router;
        return prompt => adapted.PredictWinProbability(prompt);
    }

    private static Func<string, double> TrainFromScratch(IReadOnlyList<LabeledPrompt> labels, Domain domain, AdaptationSet set, int seed)
    {
        var options = new HashedMatrixFactorizationTrainingOptions
        {
            StrongModel = domain.Strong,
            WeakModel = domain.Weak,
            Seed = seed,
            TrafficPenalty = set.Gains is null ? PenaltyOfRatings : PenaltyOfOutcomes,
            MaxDegreeOfParallelism = 1,
        };
        TrainingPrompt[] prompts = [.. labels.Select(row => new TrainingPrompt(row.Prompt, [new PairOutcome(domain.Strong, domain.Weak, row.Label, null)], IsTraffic: true, row.Group))];
        HashedMatrixFactorizationRouter trained = HashedMatrixFactorizationTrainer.Train(prompts, options).Model.ForDefaultPair();
        return prompt => trained.PredictWinProbability(prompt);
    }

    private static void Print(Domain domain, AdaptationSet set, LearningCurve adapted, LearningCurve loss, LearningCurve scratch, TextWriter output)
    {
        output.WriteLine(Invariant($"{domain.Source} ({domain.About}), {set.Rows.Count} rows, {(set.Gains is null ? "rank correlation" : "APGR")}"));
        output.WriteLine($"{"labels",8} {"adapted",8}   {"95% interval",-14}  {"log loss",8}  {"from scratch",12}");
        output.WriteLine(Invariant($"{0,8} {adapted.Before!.Mean,8:0.000}   {Interval(adapted.Before),-14}  {-loss.Before!.Mean,8:0.000}"));
        for (int p = 0; p < adapted.Points.Count; p++)
        {
            output.WriteLine(Invariant($"{adapted.Points[p].Labels,8} {adapted.Points[p].Mean,8:0.000}   {Interval(adapted.Points[p]),-14}  {-loss.Points[p].Mean,8:0.000}  {scratch.Points[p].Mean,12:0.000}"));
        }

        output.WriteLine(Invariant($"fit {adapted.Fit.Limit:0.000} ({adapted.LimitInterval.Low:0.000} to {adapted.LimitInterval.High:0.000}) - {adapted.Fit.Scale:0.000} n^-{adapted.Fit.Rate:0.00}; twice as many would add {Gain(adapted, 50):0.000} at 50, {Gain(adapted, 200):0.000} at 200 (from scratch {Gain(scratch, 50):0.000} and {Gain(scratch, 200):0.000})"));
        output.WriteLine(adapted.Summary);
        output.WriteLine();

        static string Interval(LearningCurvePoint point) => Invariant($"{point.Interval.Low:0.000} to {point.Interval.High:0.000}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Domain(string Source, string About, string Strong = BuiltInRouterRecipe.StrongModel, string Weak = BuiltInRouterRecipe.WeakModel)
    {
        public bool Contains(EvaluationRow row) => row.Source == Source || row.Source.StartsWith($"{Source}/", StringComparison.Ordinal);
    }
}
