using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.AI;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands;

/// <summary>Builds a battle index from files.</summary>
internal sealed class IndexCommand : ToolCommand
{
    private readonly Option<string> _outcomes = new("--outcomes") { Description = "Battles or scores: .jsonl, .jsonl.gz or .parquet.", HelpName = "FILE", Required = true };
    private readonly Option<string?> _embeddings = new("--embeddings") { Description = "Their embeddings, one row for each outcome in the same order: .npy or .parquet; or give --embedder-model.", HelpName = "FILE" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The index to write.", HelpName = "FILE", Required = true };

    private readonly Option<string> _precision = new("--precision")
    {
        Description = "How many bits of a number are kept: 32, 16 or 8. With 8 an index takes a quarter of the room and is searched several times as fast.",
        HelpName = "BITS",
        DefaultValueFactory = static _ => "32",
    };

    private readonly Option<string?> _embedder = new("--embedder") { Description = "What the embeddings were made with, such as text-embedding-3-small; the index is then refused with another one.", HelpName = "ID" };
    private readonly Option<int> _minimumLength = Numbers.Between("--minimum-length", 0, int.MaxValue, "How many characters a prompt has at least; shorter ones are left out.", new BattleIndexImportOptions().MinimumPromptLength);
    private readonly Option<string> _column = new("--embedding-column") { Description = "The column of a Parquet file with the embeddings.", HelpName = "NAME", DefaultValueFactory = static _ => new BattleIndexImportOptions().EmbeddingColumn };
    private readonly EmbedderOptions _model;
    private readonly JsonOption _json = new();

    public IndexCommand(Terminal terminal)
        : base("index", "Builds a battle index, for routing by the nearest or most similar prompts whose outcome is known.", terminal)
    {
        _precision.AcceptOnlyFromAmong("32", "16", "8");
        foreach (Option option in new Option[] { _outcomes, _embeddings, _output, _precision, _embedder, _minimumLength, _column, _json })
        {
            Add(option);
        }

        _model = new EmbedderOptions(this);

        Validators.Add(result =>
        {
            if ((result.GetValue(_embeddings) is null) == (result.GetValue(_model.Model) is null))
            {
                result.AddError("Give either --embeddings, a file, or --embedder-model, which makes them.");
            }

            if (result.GetValue(_output) == OutputFile.Standard)
            {
                result.AddError("An index is written to a file, not to standard output; give --output a name.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "index --outcomes battles.jsonl --embeddings embeddings.npy --output battles.safetensors",
        "index --outcomes battles.jsonl --embedder-model all-MiniLM-L6-v2 --output battles.safetensors",
        "index --outcomes arena.parquet --embeddings arena.parquet --precision 8 --embedder text-embedding-3-small --output arena.safetensors",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string outcomes = result.GetValue(_outcomes)!, output = result.GetValue(_output)!;
        string? embeddings = result.GetValue(_embeddings);
        foreach (string path in new[] { outcomes, embeddings }.OfType<string>())
        {
            // Says what is wrong with a name before minutes are spent on the other file.
            InputFile.Check(path);
        }

        var options = new BattleIndexImportOptions
        {
            Index = new BattleIndexOptions { Precision = PrecisionOf(result.GetValue(_precision)!), Embedder = result.GetValue(_embedder) },
            MinimumPromptLength = result.GetValue(_minimumLength),
            EmbeddingColumn = result.GetValue(_column)!,
        };
        BattleIndexImportResult imported = await Terminal.WithProgressAsync("Indexing", progress => ImportAsync(outcomes, embeddings, _model.Load(result), output, options, progress, cancellationToken));

        RouterArtifactInfo info = RouterArtifact.ReadInfo(output);
        var summary = new Summary(output, imported.Rows, imported.LeftOut, imported.Dimensions, info.Models, info.Embedder, info.Size, info.Fingerprint);
        _json.Present(result, Terminal, summary, () => Show(summary));
        return ExitCodes.Success;
    }

    private static EmbeddingPrecision PrecisionOf(string bits) => bits switch
    {
        "8" => EmbeddingPrecision.Byte,
        "16" => EmbeddingPrecision.Half,
        _ => EmbeddingPrecision.Full,
    };

    private static async Task<BattleIndexImportResult> ImportAsync(
        string outcomes, string? embeddings, IEmbeddingGenerator<string, Embedding<float>>? model, string output, BattleIndexImportOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        try
        {
            var parts = new PartProgress(progress);
            return await Task.Run(
                () => model is null ? BattleIndexImporter.ImportAsync(outcomes, embeddings!, output, options, parts, cancellationToken) : BattleIndexImporter.ImportAndEmbedAsync(outcomes, model, output, options, parts, cancellationToken),
                cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }
    }

    private void Show(Summary summary)
    {
        var table = ResultTable.OfProperties();
        table.Add("file", summary.File);
        table.Add("rows", string.Create(CultureInfo.InvariantCulture, $"{summary.Rows:n0} of {summary.Dimensions} numbers; {summary.LeftOut:n0} left out, their prompts being too short"));
        table.Add("models", summary.Models.Count.ToString(CultureInfo.InvariantCulture));
        table.Add("embedder", summary.Embedder ?? "not named");
        table.Add("size", string.Create(CultureInfo.InvariantCulture, $"{summary.Size:n0} bytes"));
        table.Add("fingerprint", summary.Fingerprint);
        Terminal.Write(table);
    }

    private sealed class PartProgress(IProgress<double> progress) : IProgress<BattleIndexImportProgress>
    {
        public void Report(BattleIndexImportProgress value) => progress.Report((double)value.Done / Math.Max(value.Total, 1));
    }

    private sealed record Summary(string File, int Rows, int LeftOut, int Dimensions, IReadOnlyList<string> Models, string? Embedder, long Size, string Fingerprint);
}
