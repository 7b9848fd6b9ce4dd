using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>A request as routers and policies see it: the messages and options being routed, and the prompt text taken from them.</summary>
/// <remarks>
/// The prompt is chosen once, when the request is made. Messages and options are the caller's own objects: read them, never change them.
/// </remarks>
public sealed class RouteRequest
{
    private readonly RouteRequest? _original;

    // What only few requests have, or are asked for, apart: a request is made for every call. Shared with those made by Adjust.
    private Details? _details;

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

    private RouteRequest(RouteRequest original)
    {
        _original = original._original ?? original;
        _details = original._details;
        Prompt = original.Prompt;
        Messages = original.Messages;
        Options = original.Options;
        IsStreaming = original.IsStreaming;
        Overrides = original.Overrides;
        ThresholdShift = original.ThresholdShift;
    }

    private RouteRequest(RouteRequest original, IReadOnlyList<ChatMessage> messages)
        : this(original)
    {
        _original = null;
        _cluster = original.Cluster ?? -1;
        Messages = messages;
        Options = original.Options?.Clone();
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
        get => _original is { } original ? original.Cluster : _cluster < 0 ? null : _cluster;
        set
        {
            if (_original is { } original)
            {
                original.Cluster = value;
            }
            else
            {
                _cluster = value ?? -1;
            }
        }
    }

    /// <summary>Gets what this one request asks for (another threshold, share, router or route), or <see langword="null"/> if nothing.</summary>
    public RouteOverrides? Overrides { get; init; }

    /// <summary>Gets what policies around the one that compares with a threshold add to it: a rule, or a budget that runs out. The sum is kept within [0, 1]. The default is 0.</summary>
    public double ThresholdShift { get; init; }

    /// <summary>Gets the tenant that the request belongs to, for budgets, thresholds and telemetry, or <see langword="null"/>.</summary>
    public string? Tenant
    {
        get => _details?.Tenant;
        init
        {
            if (value != Tenant)
            {
                Ensured.Tenant = value;
            }
        }
    }

    /// <summary>Gets the user that the request belongs to, or <see langword="null"/>.</summary>
    public string? User
    {
        get => _details?.User;
        init
        {
            if (value != User)
            {
                Ensured.User = value;
            }
        }
    }

    /// <summary>Gets the key of the conversation that the request belongs to, the application's own, or <see langword="null"/>.</summary>
    public string? Conversation
    {
        get => _details?.Conversation;
        init
        {
            if (value != Conversation)
            {
                Ensured.Conversation = value;
            }
        }
    }

    /// <summary>Gets the counter behind <see cref="InputTokens"/>. The default is <see cref="TokenCounter.Estimate"/>.</summary>
    public TokenCounter TokenCounter
    {
        get => _details?.TokenCounter ?? TokenCounter.Estimate;
        init
        {
            if (value != TokenCounter)
            {
                Ensured.TokenCounter = value;
            }
        }
    }

    /// <summary>Gets or sets the key that the conversation has in a store, once it was made.</summary>
    internal string? ConversationKey
    {
        get => _details?.ConversationKey;
        set => Ensured.ConversationKey = value;
    }

    /// <summary>Gets what the client's ledger has learned of the answers of routes, or <see langword="null"/> if it has none.</summary>
    internal OutputTokenEstimator? OutputTokens
    {
        get => _details?.OutputTokens;
        init
        {
            if (value != OutputTokens)
            {
                Ensured.OutputTokens = value;
            }
        }
    }

    /// <summary>Gets the input tokens of the request; counted when first asked for.</summary>
    public long InputTokens
    {
        get
        {
            if (_original is { } original)
            {
                return original.InputTokens;
            }

            Details details = Ensured;
            if (details.InputTokens < 0)
            {
                details.InputTokens = Messages.Count > 0 ? TokenCounter.Count(Messages, Options) : TokenCounter.Count(Prompt);
            }

            return details.InputTokens;
        }
    }

    /// <summary>Makes a copy that stays as it is: its lists are its own, and what a router finds out about it is not told to this one.</summary>
    internal RouteRequest Detach() => new(this, [.. Messages]);

    /// <summary>Gets what a model must be able to do to answer the request: call the tools it has, see its images, hear its audio, answer in its JSON schema, reason. Found out when first asked for.</summary>
    public ModelAbilities Needs => _original is { } original ? original.Needs : Ensured.Needs ??= RequestNeeds.Of(Messages, Options);

    private Details Ensured => _details ?? Interlocked.CompareExchange(ref _details, new(), null) ?? _details;

    /// <summary>Makes a request that differs in what it asks for or in what is added to the threshold, for a policy to pass to the one that it wraps.</summary>
    /// <param name="overrides">What it asks for, or <see langword="null"/> for what this one does.</param>
    /// <param name="thresholdShift">What is added to the threshold, on top of this one's own <see cref="ThresholdShift"/>.</param>
    /// <returns>The request; a cluster that is set on it is set on this one.</returns>
    public RouteRequest Adjust(RouteOverrides? overrides = null, double thresholdShift = 0) =>
        new(this) { Overrides = overrides ?? Overrides, ThresholdShift = ThresholdShift + thresholdShift };

    private sealed class Details
    {
        public string? Tenant { get; set; }

        public string? User { get; set; }

        public string? Conversation { get; set; }

        public string? ConversationKey { get; set; }

        public TokenCounter? TokenCounter { get; set; }

        public OutputTokenEstimator? OutputTokens { get; set; }

        public long InputTokens { get; set; } = -1;

        public ModelAbilities? Needs { get; set; }
    }
}
