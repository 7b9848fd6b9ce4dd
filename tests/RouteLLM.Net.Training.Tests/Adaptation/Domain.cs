namespace RouteLLM.Training.Tests;

/// <summary>A small trained model and labelled prompts of a made-up domain, in which some words mean what the model does not know.</summary>
internal static class Domain
{
    private static readonly string[] s_easy = ["hello", "thanks", "weather", "name", "colour", "day", "thing", "please"];
    private static readonly string[] s_hard = ["prove", "lemma", "theorem", "integral", "rigorous", "convergence", "topology", "compact"];
    private static readonly string[] s_new = ["invoice", "ledger", "audit", "kernel", "mutex", "paging"];

    private static readonly Lazy<HashedMatrixFactorizationModel> s_model = new(Train);

    private static readonly Lazy<HashedMatrixFactorizationRouter> s_router = new(static () => Model.ForDefaultPair());

    public static HashedMatrixFactorizationModel Model => s_model.Value;

    public static double Original(string prompt) => s_router.Value.PredictWinProbability(prompt);

    public static double Logit(double probability) => Math.Log(probability / (1 - probability));

    public static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));

    public static string[] Prompts(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int hard = random.Next(5);
            return string.Join(' ', Enumerable.Range(0, 6).Select(k => k == 5 ? s_new[random.Next(s_new.Length)] : k < hard ? s_hard[random.Next(s_hard.Length)] : s_easy[random.Next(s_easy.Length)]));
        })];
    }

    /// <summary>Labels prompts with what a function makes of the model's own logit, drawn as 0 or 1 or left as a probability.</summary>
    public static LabeledPrompt[] Rows(int count, int seed, Func<string, double, double> logit, bool draw = true)
    {
        var random = new Random(seed);
        return [.. Prompts(count, seed).Select(prompt =>
        {
            double probability = Sigmoid(logit(prompt, Logit(Original(prompt))));
            return new LabeledPrompt(prompt, !draw ? probability : random.NextDouble() < probability ? 1 : 0);
        })];
    }

    /// <summary>The second half of the new words is hard, the first easy; the model knows neither.</summary>
    public static double NewWords(string prompt, double logit) => logit + (s_new[3..].Any(prompt.Contains) ? 2 : -2);

    public static double LogLoss(Func<string, double> score, IEnumerable<LabeledPrompt> rows) =>
        rows.Average(row => score(row.Prompt) is var p ? -(row.Label * Math.Log(p)) - ((1 - row.Label) * Math.Log(1 - p)) : 0);

    public static Func<string, double> Score(AdaptedRouter adapted) => prompt => ((HashedMatrixFactorizationRouter)adapted.Router).PredictWinProbability(prompt);

    private static HashedMatrixFactorizationModel Train()
    {
        var random = new Random(11);
        var prompts = new List<TrainingPrompt>();
        for (int i = 0; i < 500; i++)
        {
            int hard = random.Next(5);
            string text = string.Join(' ', Enumerable.Range(0, 5).Select(k => k < hard ? s_hard[random.Next(s_hard.Length)] : s_easy[random.Next(s_easy.Length)]));
            double strength = 1.5 * (hard - 2);
            prompts.Add(i % 2 == 0
                ? new TrainingPrompt(text, [new PairOutcome("big", "small", Sigmoid(strength), null)], IsTraffic: true)
                : new TrainingPrompt($"exam: {text}", [new PairOutcome("big", "small", Sigmoid(strength), 0), new PairOutcome("middle", "small", Sigmoid(strength / 2), 0)], IsTraffic: false));
        }

        var metadata = new Dictionary<string, string> { ["license"] = "MIT", ["data.words"] = "made-up words" };
        return HashedMatrixFactorizationTrainer.Train(prompts, new() { StrongModel = "big", WeakModel = "small", Name = "first", BenchmarkPenalty = 0.1, MaxIterations = 60, Metadata = metadata }).Model;
    }
}
