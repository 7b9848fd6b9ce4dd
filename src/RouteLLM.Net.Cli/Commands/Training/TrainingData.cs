using System.Globalization;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>The rows of data files that say something about the pair of models: those with scores of both, and those with a rating.</summary>
internal sealed class TrainingData
{
    public const string AllSplits = "all";

    private const int MostListed = 20;

    private TrainingData(string strong, string weak, EvaluationRow[] scored, EvaluationRow[] rated, IReadOnlyDictionary<string, int> files)
    {
        Strong = strong;
        Weak = weak;
        Scored = scored;
        Rated = rated;
        Rows = [.. scored, .. rated];
        Files = files;
    }

    public string Strong { get; }

    public string Weak { get; }

    /// <summary>Gets the rows with scores of both models.</summary>
    public IReadOnlyList<EvaluationRow> Scored { get; }

    /// <summary>Gets the rows without such scores, but with a rating.</summary>
    public IReadOnlyList<EvaluationRow> Rated { get; }

    /// <summary>Gets all of them, the scored ones first.</summary>
    public IReadOnlyList<EvaluationRow> Rows { get; }

    /// <summary>Gets how many of the rows each file has, by the file's name without its folder.</summary>
    public IReadOnlyDictionary<string, int> Files { get; }

    /// <summary>Gets how many rows of the split say nothing about the pair.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Labels the rows, in their order.</summary>
    public IReadOnlyList<LabeledPrompt> CreateLabels() => [.. LabelRules.FromScores(Scored, Strong, Weak, new LabelOptions { Scores = ScoreReading.Difference }).Labels, .. LabelRules.FromRatings(Rated).Labels];

    /// <exception cref="ToolException">A file is not there, or there are no such rows.</exception>
    /// <exception cref="EvaluationDataException">A line of a file is no row.</exception>
    public static TrainingData Read(IReadOnlyList<string> paths, string split, string strong, string weak, Terminal terminal, IProgress<double> progress, CancellationToken cancellationToken)
    {
        List<EvaluationRow> scored = [], rated = [];
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        var splits = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var models = new SortedSet<string>(StringComparer.Ordinal);
        int leftOut = 0;
        foreach ((int number, string path) in paths.Index())
        {
            using InputFile file = InputFile.Open(path, terminal);
            foreach (EvaluationRow row in EvaluationRowReader.Read(file.Reader, file.Name))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Report((number + file.Progress) / paths.Count);
                splits[row.Split] = splits.GetValueOrDefault(row.Split) + 1;
                if (split != AllSplits && row.Split != split)
                {
                    continue;
                }

                models.UnionWith(row.Scores.Keys);
                bool isScored = row.Scores.ContainsKey(strong) && row.Scores.ContainsKey(weak);
                if (string.IsNullOrWhiteSpace(row.Prompt) || (!isScored && row.StrongProbability is null))
                {
                    leftOut++;
                    continue;
                }

                (isScored ? scored : rated).Add(row);
                string name = Path.GetFileName(path);
                files[name] = files.GetValueOrDefault(name) + 1;
            }
        }

        if (scored.Count + rated.Count > 0)
        {
            return new TrainingData(strong, weak, [.. scored], [.. rated], files) { LeftOut = leftOut };
        }

        throw new ToolException(leftOut > 0
            ? $"None of {Count(leftOut)} rows has scores of both '{strong}' and '{weak}', or p_strong. {(models.Count == 0 ? "No row has scores" : $"There are scores of {List(models)}")}."
            : splits.Count > 0
                ? $"No row is of the split '{split}'; the rows are of {string.Join(", ", splits.Select(static entry => $"'{entry.Key}' ({Count(entry.Value)})"))}. Choose one with --split, or '{AllSplits}'."
                : "There are no rows in the data.");
    }

    private static string Count(int count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string List(SortedSet<string> names) =>
        string.Join(", ", names.Take(MostListed).Select(static name => $"'{name}'")) + (names.Count > MostListed ? $" and {names.Count - MostListed} more" : "");
}
