using System.Globalization;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>The rows of data files that say something about the pair of models: those with scores of both, and those with a rating.</summary>
internal sealed class TrainingData
{
    public const string AllSplits = "all";
    public const string TrainingSplit = "train";

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

    /// <param name="paths">The files; a dash for standard input.</param>
    /// <param name="split">The split to take, <see cref="AllSplits"/> for all, or <see langword="null"/> for rows that are to be trained on or name no split.</param>
    /// <param name="strong">The strong model.</param>
    /// <param name="weak">The weak model.</param>
    /// <param name="terminal">Where standard input is.</param>
    /// <param name="progress">Is told which part of the files is read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ToolException">A file is not there, or there are no such rows.</exception>
    /// <exception cref="EvaluationDataException">A line of a file is no row.</exception>
    public static TrainingData Read(IReadOnlyList<string> paths, string? split, string strong, string weak, Terminal terminal, IProgress<double> progress, CancellationToken cancellationToken)
    {
        List<EvaluationRow> scored = [], rated = [];
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        var splits = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var models = new SortedSet<string>(StringComparer.Ordinal);
        int leftOut = 0;
        foreach ((int number, string path) in paths.Index())
        {
            progress.Report((double)number / paths.Count);
            foreach (EvaluationRow row in ReadFile(path, terminal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                splits[row.Split] = splits.GetValueOrDefault(row.Split) + 1;
                if (split is null ? row.Split is not ("" or TrainingSplit) : split != AllSplits && row.Split != split)
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
                ? $"No row is of the split '{split ?? TrainingSplit}'; the rows are of {string.Join(", ", splits.Select(static entry => $"'{entry.Key}' ({Count(entry.Value)})"))}. Choose one with --split, or '{AllSplits}'."
                : "There are no rows in the data.");
    }

    private static IEnumerable<EvaluationRow> ReadFile(string path, Terminal terminal)
    {
        if (path != InputFile.Standard)
        {
            InputFile.Check(path);
            return EvaluationRowReader.ReadFile(path);
        }

        return EvaluationRowReader.Read(new StreamReader(terminal.Input), InputFile.StandardName);
    }

    private static string Count(int count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string List(SortedSet<string> names) =>
        string.Join(", ", names.Take(MostListed).Select(static name => $"'{name}'")) + (names.Count > MostListed ? $" and {names.Count - MostListed} more" : "");
}
