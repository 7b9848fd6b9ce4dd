using System.Globalization;
using Microsoft.Extensions.AI;
using RouteLLM.Onnx;

namespace RouteLLM.Cli;

/// <summary>Makes the router that the user names: the built-in one, that of an artifact, or a simple one to compare with.</summary>
internal static class RouterLoader
{
    public const string BuiltIn = RouterRegistry.BuiltInName;

    /// <summary>What can be named, for help and messages.</summary>
    public const string Names =
        "builtin, the path of an artifact (knn:PATH or sw:PATH say how a battle index is searched), bert:FOLDER or causal:FOLDER for a classifier as ONNX, or to compare with: random or random:SEED, length or length:MAX, fixed:P, always-strong, always-weak, domain";

    private const int DefaultSeed = 0;

    /// <param name="name">What the user typed.</param>
    /// <param name="strong">The strong model's name, or <see langword="null"/>.</param>
    /// <param name="weak">The weak model's name, or <see langword="null"/>.</param>
    /// <param name="terminal">Where to say what the user should know.</param>
    /// <param name="embedder">Embeds prompts for routers that need it, or <see langword="null"/>.</param>
    /// <exception cref="ToolException">There is no such router, or it cannot be used so.</exception>
    /// <exception cref="OnnxModelException">A model cannot be used.</exception>
    public static IRouter Load(string name, string? strong, string? weak, Terminal terminal, IEmbeddingGenerator<string, Embedding<float>>? embedder = null)
    {
        (string kind, string? argument) = name.Split(':', 2) is [var first, var second] ? (first, second) : (name, null);
        try
        {
            return kind switch
            {
                BuiltIn when argument is null => LoadBuiltIn(strong, weak, terminal),
                "random" => new RandomRouter(argument is null ? DefaultSeed : int.TryParse(argument, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed) ? seed : throw Wrong("a whole number, such as random:42")),
                "length" => argument is null ? new PromptLengthRouter() : new PromptLengthRouter(maxLength: int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : throw Wrong("a number of characters, such as length:1000")),
                "fixed" => new FixedRouter(double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out double p) && p is >= 0 and <= 1 ? p : throw Wrong("a probability in [0, 1], such as fixed:0.3")),
                "always-strong" when argument is null => FixedRouter.AlwaysStrong,
                "always-weak" when argument is null => FixedRouter.AlwaysWeak,
                "domain" when argument is null => new DomainRouter(),
                "knn" or "sw" or "bert" or "causal" when argument is "" => throw Wrong("a path, such as bert:FOLDER"),
                "knn" when argument is not null => LoadArtifact(argument, new RouterArtifactOptions { StrongModel = strong, WeakModel = weak, EmbeddingGenerator = embedder, NearestNeighbors = new NearestNeighborOptions() }),
                "sw" when argument is not null => LoadArtifact(argument, new RouterArtifactOptions { StrongModel = strong, WeakModel = weak, EmbeddingGenerator = embedder, SimilarityWeighted = new SimilarityWeightedOptions() }),
                "bert" when argument is not null => BertClassifierRouter.Load(argument, new BertClassifierOptions { StrongModel = strong, WeakModel = weak }),
                "causal" when argument is not null => CausalClassifierRouter.Load(argument, new CausalClassifierOptions { StrongModel = strong, WeakModel = weak }),
                _ => LoadArtifact(name, new RouterArtifactOptions { StrongModel = strong, WeakModel = weak, EmbeddingGenerator = embedder }),
            };
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }

        ToolException Wrong(string expected) => new($"The router '{name}' is not complete; after the colon, {expected} is expected.");
    }

    /// <summary>Says that there is no such router if there is no such file.</summary>
    public static void CheckExists(string path)
    {
        if (!Path.Exists(path))
        {
            throw new ToolException($"There is no router or file '{path}'. Expected: {Names}.");
        }
    }

    private static HashedMatrixFactorizationRouter LoadBuiltIn(string? strong, string? weak, Terminal terminal)
    {
        HashedMatrixFactorizationModel model = BuiltInRouter.Model;
        if ((strong is null || model.Models.Contains(strong)) && (weak is null || model.Models.Contains(weak)))
        {
            return strong is null && weak is null ? BuiltInRouter.Create() : model.ForPair(strong ?? model.StrongModel, weak ?? model.WeakModel);
        }

        // What makes a prompt hard is much the same for other pairs, and two models that the router does not know are two more.
        terminal.Note($"the built-in router does not know {Unknown()}; it scores for its default pair, {model.StrongModel} and {model.WeakModel}.");
        return BuiltInRouter.Create();

        string Unknown() => string.Join(" and ", new[] { strong, weak }.Where(name => name is not null && !model.Models.Contains(name)).Select(static name => $"'{name}'"));
    }

    private static IRouter LoadArtifact(string path, RouterArtifactOptions options)
    {
        CheckExists(path);
        try
        {
            return RouterArtifact.Load(path, options);
        }
        catch (MissingEmbedderException error)
        {
            throw new ToolException($"The artifact '{path}' scores embeddings made by {(error.Embedder is null ? "an embedder that it does not name" : $"'{error.Embedder}'")}, which this tool does not have; give the folder of such a model as ONNX with --embedder-model, or use it from code, with RouterArtifact.Load.", error);
        }
    }
}
