using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How the router that comes with the library is trained: which rows, how weighted, with which options.</summary>
/// <remarks>
/// Rows with scores give an outcome for every pair of the models scored, rows with <see cref="EvaluationRow.StrongProbability"/> one of the default pair. Only rows of the split <c>train</c> are used.
/// Weights and penalties were chosen by cross-validation within those rows.
/// </remarks>
public static class BuiltInRouterRecipe
{
    /// <summary>The strong model of the default pair.</summary>
    public const string StrongModel = "gpt-4-1106-preview";

    /// <summary>The weak model of the default pair.</summary>
    public const string WeakModel = "mistralai/Mixtral-8x7B-Instruct-v0.1";

    /// <summary>The split whose rows are trained on.</summary>
    public const string TrainingSplit = "train";

    private const int RatedGroupSize = 10;

    private static readonly DataSet[] s_dataSets =
    [
        new("mmlu", "routellm", "GPT-4-1106-preview and Mixtral-8x7B-Instruct on MMLU: published responses of RouteLLM's evaluation", "Apache-2.0", 1, false, "mmlu/"),
        new("gsm8k", "routellm", "the same two models on GSM8K: published responses of RouteLLM's evaluation", "Apache-2.0", 3, false, "gsm8k"),
        new("llmrouter9", "llmrouter9", "nine open models on question answering, mathematics and code: LLMRouter (UIUC)", "MIT", 0.5, null, "llmrouter"),
        new("distl5", "distl5", "five open models on exam and common-sense questions: routellm-distl", "MIT", 0.1, false, "distl/"),
        new("chat", "chat", "realistic prompts written and rated for RouteLLM.Net by a language model", "MIT", 1, true, "chat/"),
    ];

    /// <summary>Gets the names of the files the rows are read from, without folder.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [.. s_dataSets.Select(static set => $"{set.File}.jsonl.gz").Distinct()];

    /// <summary>Reads the rows of all data sets.</summary>
    /// <param name="folder">The folder with the <see cref="FileNames"/>.</param>
    /// <returns>The rows, of all splits.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A line of a file is no row.</exception>
    public static IReadOnlyList<EvaluationRow> ReadRows(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return [.. FileNames.SelectMany(name => EvaluationRowReader.ReadFile(Path.Combine(folder, name)))];
    }

    /// <summary>Trains the built-in router.</summary>
    /// <param name="rows">The rows; those that are not of the split <c>train</c> are left out.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model and its artifact.</returns>
    public static TrainedMatrixFactorization Train(IEnumerable<EvaluationRow> rows, int seed = 0, CancellationToken cancellationToken = default)
    {
        EvaluationRow[] used = [.. rows.Where(static row => row.Split == TrainingSplit)];
        return HashedMatrixFactorizationTrainer.Train(CreatePrompts(used), CreateOptions(used, seed), cancellationToken);
    }

    /// <summary>Turns rows into prompts to train on.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>One prompt a row, in the same order.</returns>
    public static IReadOnlyList<TrainingPrompt> CreatePrompts(IEnumerable<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select(CreatePrompt)];
    }

    internal static HashedMatrixFactorizationTrainingOptions CreateOptions(EvaluationRow[] rows, int seed)
    {
        var metadata = new Dictionary<string, string>
        {
            ["license"] = "MIT",
            ["trainer"] = $"RouteLLM.Net.Training {typeof(BuiltInRouterRecipe).Assembly.GetName().Version?.ToString(3)}",
            ["training.command"] = "dotnet run -c Release --project samples/TrainBuiltInRouter",
            ["training.split"] = TrainingSplit,
        };
        foreach (DataSet set in s_dataSets)
        {
            int count = rows.Count(row => set.Contains(row.Source));
            metadata[$"data.{set.Name}"] = string.Create(CultureInfo.InvariantCulture, $"{set.Description}; licence {set.Licence}; {count} rows; weight {set.Weight}");
        }

        return new HashedMatrixFactorizationTrainingOptions { StrongModel = StrongModel, WeakModel = WeakModel, Name = "builtin", Seed = seed, Metadata = metadata };
    }

    private static TrainingPrompt CreatePrompt(EvaluationRow row)
    {
        DataSet? set = s_dataSets.FirstOrDefault(set => set.Contains(row.Source));
        double weight = set?.Weight ?? 1;
        if (row.StrongProbability is { } probability)
        {
            return new TrainingPrompt(row.Prompt, [new PairOutcome(StrongModel, WeakModel, probability, null, weight)], IsTraffic: true, RatedGroup(row.Id));
        }

        // The default pair has its strong model first, whatever the order in the row.
        string[] models = [.. row.Scores.Keys.OrderBy(static m => m == StrongModel ? 0 : 1).ThenBy(static m => m, StringComparer.Ordinal)];
        var outcomes = new List<PairOutcome>();
        int pairs = models.Length * (models.Length - 1) / 2;
        for (int a = 0; a < models.Length; a++)
        {
            for (int b = a + 1; b < models.Length; b++)
            {
                double difference = row.Scores[models[a]] - row.Scores[models[b]];
                outcomes.Add(new PairOutcome(models[a], models[b], Math.Max(difference, 0), Math.Max(-difference, 0), weight / pairs));
            }
        }

        return new TrainingPrompt(row.Prompt, outcomes, set?.IsTraffic);
    }

    /// <summary>Rated prompts that contrast with one another stand side by side: ten neighbours by number are a group.</summary>
    private static string RatedGroup(string id)
    {
        int slash = id.LastIndexOf('/');
        return int.TryParse(id.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? $"{id[..(slash + 1)]}{number / RatedGroupSize}" : id;
    }

    private sealed record DataSet(string Name, string File, string Description, string Licence, double Weight, bool? IsTraffic, string Prefix)
    {
        public bool Contains(string source) => source.StartsWith(Prefix, StringComparison.Ordinal);
    }
}
