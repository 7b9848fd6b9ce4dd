namespace RouteLLM;

/// <summary>The router that comes with the library: trained by its repository, embedded in the assembly, scored in process without any file, key or download.</summary>
/// <remarks>
/// <para>
/// It is a <see cref="HashedMatrixFactorizationModel"/>, trained for GPT-4 Turbo (<c>gpt-4-1106-preview</c>) against Mixtral 8x7B Instruct on published benchmark outcomes and on rated prompts; its artifact's metadata
/// name the data and their licences. It serves other pairs of a strong and a weak model too, for what makes a prompt hard is much the same; then take thresholds from a strong share, or recalibrate on traffic of your own.
/// </para>
/// <para>The artifact is loaded once, when first used; <see cref="WarmUp"/> does it at a time of your choosing.</para>
/// </remarks>
public static class BuiltInRouter
{
    internal const string ResourceName = "RouteLLM.BuiltInRouter.safetensors";

    private static readonly Lazy<HashedMatrixFactorizationModel> s_model = new(static () => HashedMatrixFactorizationModel.Load(ReadArtifact()));
    private static readonly Lazy<HashedMatrixFactorizationRouter> s_router = new(static () => s_model.Value.ForDefaultPair());

    /// <summary>Gets the model behind the router, for other pairs of its models and for its metadata.</summary>
    public static HashedMatrixFactorizationModel Model => s_model.Value;

    /// <summary>Gives the built-in router for its default pair.</summary>
    /// <returns>The router: always the same, thread-safe instance.</returns>
    public static HashedMatrixFactorizationRouter Create() => s_router.Value;

    /// <summary>Loads the router and scores one prompt, so that the first request does not wait for it.</summary>
    public static void WarmUp() => Create().PredictWinProbability("Hello");

    /// <summary>Reads the router's artifact as it lies in the assembly, to say what is in it or to train on from it.</summary>
    /// <returns>The artifact.</returns>
    public static SafetensorsFile ReadArtifact()
    {
        using Stream stream = typeof(BuiltInRouter).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The assembly lacks the resource {ResourceName}; it was built or trimmed in a way that drops embedded resources.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return SafetensorsFile.Parse(bytes, ResourceName);
    }
}
