using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A request as routers and policies see it: the messages and options being routed, and the prompt text taken from them.</summary>
/// <remarks>
/// The prompt is chosen once, when the request is made. Messages and options are the caller's own objects: read them, never change them.
/// </remarks>
public sealed class RouteRequest
{
    // -1 for none: beside the flag below it takes no room of its own.
    private int _cluster = -1;

    /// <summary>Initializes a new instance of the <see cref="RouteRequest"/> class from a prompt alone, as evaluation and batch scoring do.</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="prompt"/> is <see langword="null"/>.</exception>
    public RouteRequest(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Prompt = prompt;
        Messages = [];
    }

    /// <summary>Initializes a new instance of the <see cref="RouteRequest"/> class from messages.</summary>
    /// <param name="messages">The messages being routed.</param>
    /// <param name="options">The caller's options, or <see langword="null"/>.</param>
    /// <param name="promptSelector">Chooses the text to score; <see cref="PromptSelector.LastUserMessage"/> if <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is <see langword="null"/>.</exception>
    public RouteRequest(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null, PromptSelector? promptSelector = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Messages = messages;
        Options = options;
        Prompt = (promptSelector ?? PromptSelector.LastUserMessage).SelectPrompt(messages) ?? "";
    }

    /// <summary>Gets the text to score; empty if the request has none.</summary>
    public string Prompt { get; }

    /// <summary>Gets a value indicating whether the prompt has anything but white space to score.</summary>
    public bool HasText => !string.IsNullOrWhiteSpace(Prompt);

    /// <summary>Gets the messages being routed; empty for a request made from a prompt alone.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>Gets the caller's options, or <see langword="null"/>.</summary>
    public ChatOptions? Options { get; }

    /// <summary>Gets a value indicating whether the answer will be streamed.</summary>
    public bool IsStreaming { get; init; }

    /// <summary>
    /// Gets or sets the cluster of prompts, numbered from 0, that a router found the request in (see <see cref="IClusteredRouter"/>), or <see langword="null"/> if none looked.
    /// Routers set it while they predict; policies, telemetry and <see cref="ClusterDriftMonitor"/> read it.
    /// </summary>
    public int? Cluster
    {
        get => _cluster < 0 ? null : _cluster;
        set => _cluster = value ?? -1;
    }

    /// <summary>Gets what this one request asks for (another threshold, share, router or route), or <see langword="null"/> if nothing.</summary>
    public RouteOverrides? Overrides { get; init; }
}
