using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using RouteLLM.Cli.Commands.Training;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands;

/// <summary>Trains a router from rows with scores of two models or with ratings. Here is the list of the kinds.</summary>
internal sealed class TrainCommand : ToolCommand
{
    public const string DefaultKind = "linear";

    private static readonly string[] s_kindsOverEmbeddings = ["mf", "clusters"];

    /// <summary>Gets what can be trained, by the name of the kind.</summary>
    public static IReadOnlyDictionary<string, Func<TrainingJob, IProgress<double>, CancellationToken, Task<TrainedArtifact>>> Kinds { get; } = new Dictionary<string, Func<TrainingJob, IProgress<double>, CancellationToken, Task<TrainedArtifact>>>
    {
        [DefaultKind] = LinearTraining.TrainAsync,
        ["linear-pool"] = LinearTraining.TrainPoolAsync,
        ["mf"] = DenseTraining.TrainAsync,
        ["clusters"] = ClusterTraining.TrainAsync,
        ["hashed-mf"] = HashedTraining.TrainAsync,
    };

    private readonly Option<string[]> _data = new("--data") { Description = "Files of rows, JSON lines, CSV or Parquet as evaluation reads them: id, prompt, and scores by model or p_strong; source and split if there are any.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly ModelPairOptions _pair;
    private readonly Option<string> _output = new("--output", "-o") { Description = "The artifact to write.", HelpName = "FILE", Required = true };

    private readonly Option<string> _kind = new Option<string>("--kind")
    {
        Description = "What to train: linear, a logistic regression over words, in seconds from a few hundred rows; linear-pool, the same for all models that are scored; mf, a matrix factorisation over embeddings; clusters, classifiers by cluster of prompts, for three models or more; both over hashed embeddings unless --embedder-model names a model; hashed-mf, what the built-in router is, from thousands of rows.",
        HelpName = "KIND",
        DefaultValueFactory = static _ => DefaultKind,
    };

    private readonly Option<string?> _split = new("--split") { Description = $"Which rows to train on, by their split; {TrainingData.AllSplits} for all. [default: {TrainingData.TrainingSplit}, and rows that name none]", HelpName = "SPLIT" };
    private readonly Option<int> _seed = Numbers.Between("--seed", 0, int.MaxValue, "The seed: the same rows and seed give the same file.", 0);
    private readonly Option<int> _dimensions = Numbers.Between("--dimensions", 1, HashedTextEmbeddingGenerator.MaxDimensions, "The number of dimensions of the embeddings, where the kind takes any.", HashedTextEmbeddingGenerator.DefaultDimensions);
    private readonly Option<string?> _name = new("--name") { Description = "The router's name, as in router-NAME-THRESHOLD. [default: the file's]", HelpName = "NAME" };
    private readonly Option<string[]> _benchmarks = new("--benchmark") { Description = "For hashed-mf: which sources, by what they begin with, are benchmarks; the others stand for traffic.", HelpName = "SOURCE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _metadata = new("--metadata") { Description = "What the artifact should say of itself, such as license=MIT.", HelpName = "KEY=VALUE", AllowMultipleArgumentsPerToken = true };
    private readonly EmbedderOptions _embedder;
    private readonly JsonOption _json = new();

    public TrainCommand(Terminal terminal)
        : base("train", "Trains a router from your own data: rows with the scores of two models' answers, or with ratings.", terminal)
    {
        _kind.AcceptOnlyFromAmong([.. Kinds.Keys]);
        Add(_data);
        _pair = new ModelPairOptions(this);
        foreach (Option option in new Option[] { _output, _kind, _split, _seed, _dimensions, _name, _benchmarks, _metadata, _json })
        {
            Add(option);
        }

        _embedder = new EmbedderOptions(this);

        Validators.Add(result =>
        {
            if (result.GetValue(_embedder.Model) is not null && !s_kindsOverEmbeddings.Contains(result.GetValue(_kind)))
            {
                result.AddError($"{_embedder.Model.Name} is for kinds over embeddings; give --kind {string.Join(" or ", s_kindsOverEmbeddings)}, or leave it out.");
            }

            if (result.GetValue(_embedder.Model) is not null && result.GetResult(_dimensions) is { Implicit: false })
            {
                result.AddError($"The embeddings have as many dimensions as the model of {_embedder.Model.Name} makes; leave out {_dimensions.Name}.");
            }

            if (result.GetValue(_json) == OutputFile.Standard && result.GetValue(_output) == OutputFile.Standard)
            {
                result.AddError("The artifact and --json cannot both go to standard output; give --output or --json a file.");
            }

            if (result.GetValue(_metadata)?.FirstOrDefault(static entry => entry.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
            {
                result.AddError($"--metadata is '{wrong}', but must be KEY=VALUE, such as license=MIT.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "train --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --output my-router.safetensors",
        "train --data a.jsonl.gz b.jsonl.gz --split all --strong large --weak small --kind clusters --output clusters.safetensors",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string[] paths = result.GetValue(_data)!;
        string output = result.GetValue(_output)!, kind = result.GetValue(_kind)!;
        string? split = result.GetValue(_split);
        using OutputFile file = OutputFile.Create(output, Terminal);
        var clock = Stopwatch.StartNew();
        TrainingData data = await Terminal.WithProgressAsync(
            "Reading", progress => Task.Run(() => TrainingData.Read(paths, split, _pair.Strong(result), _pair.Weak(result), Terminal, progress, cancellationToken), cancellationToken));
        var job = new TrainingJob(
            data, result.GetValue(_name) ?? NameOf(output), result.GetValue(_seed), _embedder.Load(result) ?? new HashedTextEmbeddingGenerator(result.GetValue(_dimensions)), result.GetValue(_benchmarks) ?? [], Metadata(data, split, result.GetValue(_metadata) ?? []));
        TrainedArtifact trained = await Terminal.WithProgressAsync($"Training on {data.Rows.Count.ToString("n0", CultureInfo.InvariantCulture)} rows", progress => TrainAsync(kind, job, progress, cancellationToken));

        file.Stream.Write(trained.Bytes.Span);
        file.Commit();
        foreach (string warning in trained.Warnings)
        {
            Terminal.Note(warning);
        }

        IReadOnlyDictionary<string, double> measures = trained.HeldOut is null ? trained.Measures : HeldOutQuality.Measure(data, trained.HeldOut).Concat(trained.Measures).ToDictionary();
        RouterArtifactInfo info = RouterArtifact.ReadInfo(SafetensorsFile.Parse(trained.Bytes, output));
        var summary = new Summary(output, info.Kind, info.Name, data.Strong, data.Weak, data.Rows.Count, data.Scored.Count, data.Rated.Count, data.LeftOut, info.Size, info.Fingerprint, measures, trained.Warnings, clock.Elapsed.TotalSeconds);
        _json.Present(result, Terminal, summary, () =>
        {
            if (output != OutputFile.Standard)
            {
                Show(summary);
            }
        });
        return ExitCodes.Success;
    }

    private static async Task<TrainedArtifact> TrainAsync(string kind, TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => Kinds[kind](job, progress, cancellationToken), cancellationToken);
        }
        catch (ArgumentException error)
        {
            // What cannot be learned from these rows: the trainers say what to change.
            throw ToolException.From(error);
        }
    }

    private static string NameOf(string output)
    {
        string name = Path.GetFileNameWithoutExtension(output);
        return name is "" or "-" ? DefaultKind : name;
    }

    private static Dictionary<string, string> Metadata(TrainingData data, string? split, string[] entries)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["trainer"] = $"RouteLLM.Net.Training {typeof(LabeledPrompt).Assembly.GetName().Version?.ToString(3)}",
            ["training.split"] = split ?? TrainingData.TrainingSplit,
        };
        foreach ((string name, int rows) in data.Files)
        {
            metadata[$"data.{name}"] = string.Create(CultureInfo.InvariantCulture, $"{rows} rows");
        }

        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            metadata[entry[..equals]] = entry[(equals + 1)..];
        }

        return metadata;
    }

    private void Show(Summary summary)
    {
        var table = ResultTable.OfProperties();
        table.Add("file", summary.File);
        table.Add("kind", summary.Kind);
        table.Add("pair", $"{summary.StrongModel} against {summary.WeakModel}");
        table.Add("rows", string.Create(CultureInfo.InvariantCulture, $"{summary.Rows:n0}: {summary.ScoredRows:n0} scored, {summary.RatedRows:n0} rated; {summary.RowsLeftOut:n0} left out"));
        foreach ((string name, double value) in summary.Measures)
        {
            table.Add(name.Replace('_', ' '), value.ToString(value == Math.Floor(value) ? "n0" : "0.0000", CultureInfo.InvariantCulture));
        }

        table.Add("size", string.Create(CultureInfo.InvariantCulture, $"{summary.Size:n0} bytes"));
        table.Add("fingerprint", summary.Fingerprint);
        table.Add("time", string.Create(CultureInfo.InvariantCulture, $"{summary.Seconds:0.0} s"));
        Terminal.Write(table);
    }

    private sealed record Summary(
        string File,
        string Kind,
        string? Name,
        string StrongModel,
        string WeakModel,
        int Rows,
        int ScoredRows,
        int RatedRows,
        int RowsLeftOut,
        long Size,
        string Fingerprint,
        IReadOnlyDictionary<string, double> Measures,
        IReadOnlyList<string> Warnings,
        double Seconds);
}
