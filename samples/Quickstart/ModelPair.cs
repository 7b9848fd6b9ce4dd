using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OllamaSharp;
using OpenAI;

namespace RouteLLM.Quickstart;

/// <summary>The two models: of an OpenAI-compatible endpoint, of an Ollama server, or stand-ins for them that work offline.</summary>
internal sealed record ModelPair(IChatClient Strong, string StrongModel, IChatClient Weak, string WeakModel)
{
    private const string OpenAIEndpoint = "https://api.openai.com/v1";

    /// <summary>Gets where the models are, without any secret; <see langword="null"/> for stand-ins.</summary>
    public string? Address { get; private init; }

    /// <summary>Gets the text that must never be shown, or <see langword="null"/>.</summary>
    public string? Secret { get; private init; }

    public bool AreStandIns => Address is null;

    /// <summary>Makes the clients: what the command line says goes before the environment, and a key before an Ollama address.</summary>
    /// <param name="settings">What the command line says.</param>
    /// <param name="cancellationToken">Ends the calls when the program is to end.</param>
    /// <exception cref="SetupException">An address is malformed, or the key or a model's name is missing.</exception>
    public static ModelPair Create(Settings settings, CancellationToken cancellationToken)
    {
        string? key = settings.ApiKey ?? FromEnvironment("OPENAI_API_KEY");
        string? endpoint = settings.Endpoint ?? FromEnvironment("OPENAI_BASE_URL");
        string? ollama = settings.Ollama ?? FromEnvironment("OLLAMA_HOST");

        if (settings.Offline)
        {
            return StandIns(settings);
        }

        if (settings.Ollama is null && (key ?? endpoint) is not null)
        {
            return OpenAI(settings, endpoint ?? OpenAIEndpoint, key);
        }

        return ollama is not null ? Ollama(settings, ollama, cancellationToken) : StandIns(settings);
    }

    private static ModelPair StandIns(Settings settings)
    {
        string strong = settings.StrongModel ?? FromEnvironment("STRONG_MODEL") ?? "gpt-4o";
        string weak = settings.WeakModel ?? FromEnvironment("WEAK_MODEL") ?? "gpt-4o-mini";
        return new ModelPair(new StandInChatClient(strong), strong, new StandInChatClient(weak), weak);
    }

    private static ModelPair OpenAI(Settings settings, string endpoint, string? key)
    {
        Uri uri = ParseAddress(endpoint, endpoint, "endpoint");
        if (key is null)
        {
            throw new SetupException($"{Display(uri)} needs a key: set OPENAI_API_KEY (any text will do for a server that asks for none), or use --offline.");
        }

        (string strong, string weak) = ModelNames(settings, Display(uri));
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions
        {
            Endpoint = uri,

            // The router fails over to the other model at once, which is better than waiting to ask the same one again.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        });
        return new ModelPair(client.GetChatClient(strong).AsIChatClient(), strong, client.GetChatClient(weak).AsIChatClient(), weak)
        {
            Address = Display(uri),
            Secret = key,
        };
    }

    private static ModelPair Ollama(Settings settings, string host, CancellationToken cancellationToken)
    {
        Uri uri = ParseOllamaAddress(host);
        (string strong, string weak) = ModelNames(settings, Display(uri));
        return new ModelPair(Client(strong), strong, Client(weak), weak) { Address = Display(uri) };

        // A model that is not in memory yet can take minutes to load.
        OllamaApiClient Client(string model) => new(new HttpClient(new HangUpHandler(cancellationToken)) { BaseAddress = uri, Timeout = TimeSpan.FromMinutes(10) }, model);
    }

    private static (string Strong, string Weak) ModelNames(Settings settings, string address)
    {
        string? strong = settings.StrongModel ?? FromEnvironment("STRONG_MODEL");
        string? weak = settings.WeakModel ?? FromEnvironment("WEAK_MODEL");
        return strong is not null && weak is not null
            ? (strong, weak)
            : throw new SetupException(
                $"Which models of {address} are to be called? Name both, with --strong-model and --weak-model or with STRONG_MODEL and WEAK_MODEL in the environment; or use --offline to call none.");
    }

    /// <summary>Reads an address as Ollama itself does: without a scheme the port is 11434 unless it says otherwise, and 0.0.0.0 is where a server listens, not where it is called.</summary>
    internal static Uri ParseOllamaAddress(string host)
    {
        // A scheme that is unknown has no port of its own, so that a missing one shows.
        bool hasScheme = host.Contains("://", StringComparison.Ordinal);
        var builder = new UriBuilder(ParseAddress(hasScheme ? host : $"ollama://{(host.StartsWith(':') ? "127.0.0.1" : "")}{host}", host, "Ollama address"));
        if (!hasScheme)
        {
            builder.Scheme = Uri.UriSchemeHttp;
            builder.Port = builder.Port == -1 ? 11434 : builder.Port;
        }

        if (builder.Host == "0.0.0.0")
        {
            builder.Host = "127.0.0.1";
        }

        return builder.Uri;
    }

    private static Uri ParseAddress(string address, string given, string what) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https" || address != given) && uri.Host.Length > 0
            ? uri
            : throw new SetupException($"The {what} '{given}' is no address: an example is {(what == "endpoint" ? OpenAIEndpoint : "http://127.0.0.1:11434")}.");

    // An address may hold a user's name and password.
    private static string Display(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
