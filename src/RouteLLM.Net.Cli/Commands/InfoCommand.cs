using System.CommandLine;
using System.Globalization;

namespace RouteLLM.Cli.Commands;

/// <summary>Tells what is in an artifact, of whatever kind.</summary>
internal sealed class InfoCommand : ToolCommand
{
    private const int MostModels = 12;

    // What is shown apart from the rest of the metadata.
    private static readonly string[] s_shown = ["kind", "version", "name", "models", "default_pair", "embedder", "features", "fingerprint"];

    private static readonly double[] s_shares = [0.1, 0.2, 0.3, 0.5, 0.7];

    private readonly Argument<string> _router = new("router") { Description = "The path of an artifact, or builtin.", HelpName = "ROUTER", DefaultValueFactory = static _ => RouterLoader.BuiltIn };
    private readonly JsonOption _json = new();

    public InfoCommand(Terminal terminal)
        : base("info", "Tells what is in an artifact: kind, models, embedder, sizes, score quantiles, and where it comes from.", terminal)
    {
        Add(_router);
        Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } = ["info", "info my-router.safetensors", "info my-router.safetensors --json -"];

    protected override Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        RouterArtifactInfo info = Read(result.GetValue(_router)!);
        _json.Present(result, Terminal, ContentsOf(info), () => Show(info));
        return Task.FromResult(ExitCodes.Success);
    }

    private static RouterArtifactInfo Read(string router)
    {
        if (router == RouterLoader.BuiltIn)
        {
            return RouterArtifact.ReadInfo(BuiltInRouter.ReadArtifact());
        }

        RouterLoader.CheckExists(router);
        return RouterArtifact.ReadInfo(router);
    }

    private static Contents ContentsOf(RouterArtifactInfo info) => new(
        info.FileName,
        info.Kind,
        info.Version,
        info.IsKnownKind,
        info.Name,
        info.StrongModel,
        info.WeakModel,
        info.Models,
        info.Embedder,
        info.Size,
        info.Fingerprint,
        [.. info.Tensors.Select(static tensor => new Tensor(tensor.Name, tensor.DType.ToString(), tensor.Shape))],
        info.Quantiles?.Values,
        info.Metadata);

    private void Show(RouterArtifactInfo info)
    {
        var properties = ResultTable.OfProperties();
        properties.Add("file", info.FileName);
        properties.Add("kind", info.IsKnownKind ? info.Kind : $"{info.Kind} (this version of the tool makes no router of it)");
        Add("version", info.Version);
        Add("name", info.Name);
        Add("strong model", info.StrongModel);
        Add("weak model", info.WeakModel);
        Add("models", Models(info.Models));
        Add("embedder", info.Embedder);
        properties.Add("size", string.Create(CultureInfo.InvariantCulture, $"{info.Size:n0} bytes"));
        properties.Add("fingerprint", info.Fingerprint);
        foreach ((string key, string value) in info.Metadata.Where(static entry => !s_shown.Contains(entry.Key)).OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            properties.Add(key, value);
        }

        foreach (RouterArtifactTensor tensor in info.Tensors)
        {
            properties.Add($"tensor {tensor.Name}", $"{tensor.DType} [{string.Join(", ", tensor.Shape)}]");
        }

        if (info.Quantiles is { } quantiles)
        {
            foreach (double share in s_shares)
            {
                properties.Add(string.Create(CultureInfo.InvariantCulture, $"threshold for a strong share of {share:0.0}"), quantiles.ThresholdForStrongShare(share).ToString("0.0000", CultureInfo.InvariantCulture));
            }
        }

        Terminal.Write(properties);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                properties.Add(name, value);
            }
        }
    }

    private static string Models(IReadOnlyList<string> models) => models.Count <= MostModels ? string.Join(", ", models) : $"{string.Join(", ", models.Take(MostModels))} and {models.Count - MostModels} more";

    private sealed record Contents(
        string File,
        string Kind,
        string? Version,
        bool IsKnownKind,
        string? Name,
        string? StrongModel,
        string? WeakModel,
        IReadOnlyList<string> Models,
        string? Embedder,
        long Size,
        string Fingerprint,
        IReadOnlyList<Tensor> Tensors,
        IReadOnlyList<double>? Quantiles,
        IReadOnlyDictionary<string, string> Metadata);

    private sealed record Tensor(string Name, string DType, IReadOnlyList<long> Shape);
}
