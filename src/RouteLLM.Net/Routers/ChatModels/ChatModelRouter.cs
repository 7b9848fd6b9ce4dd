using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A router that asks a chat model about the prompt: the one kind that calls a model to decide, and so costs time and money for each new prompt.</summary>
/// <remarks>
/// The model's client must not be routed by this router itself. What is cached is a score, never a decision. The client stays its maker's and is not disposed.
/// </remarks>
public abstract class ChatModelRouter : IRouter
{
    private readonly IChatClient _client;
    private readonly ChatModelRouterOptions _options;
    private readonly RouterMetadata _metadata;
    private readonly TimeProvider _timeProvider;
    private readonly string _cachePrefix;
    private long _calls;
    private long _failures;
    private long _inputTokens;
    private long _outputTokens;

    private protected ChatModelRouter(IChatClient client, ChatModelRouterOptions options, string name, string version, TimeProvider? timeProvider)
    {
        ArgumentNullException.ThrowIfNull(client);
        options.Check();
        _client = client;
        _options = options;
        _metadata = new RouterMetadata(name);
        _timeProvider = timeProvider ?? TimeProvider.System;
        var probe = new ChatOptions();
        options.ConfigureOptions?.Invoke(probe);
        string? model = probe.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;
        _cachePrefix = $"routellm:{name}:{version}:{options.MaxPromptLength}:{model}:";
    }

    /// <summary>Gets what has been used so far.</summary>
    public ChatModelUsage Usage => new(Interlocked.Read(ref _calls), Interlocked.Read(ref _failures), Interlocked.Read(ref _inputTokens), Interlocked.Read(ref _outputTokens));

    /// <inheritdoc/>
    public async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return _options.Cache is { } cache
                ? Parse(await cache.GetOrCreateAsync(
                    KeyOf(request.Prompt),
                    (Router: this, request.Prompt),
                    static async (state, token) => Format(await state.Router.PredictInTimeAsync(state.Prompt, token).ConfigureAwait(false)),
                    _options.CacheEntry,
                    cancellationToken: cancellationToken).ConfigureAwait(false))
                : await PredictInTimeAsync(request.Prompt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested && _options.Fallback is not null)
        {
            return await _options.Fallback.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => RouterServices.Find(this, serviceType, serviceKey, _metadata);

    /// <summary>Predicts the win probability for a prompt, with as many calls of <see cref="AskAsync"/> as it takes.</summary>
    private protected abstract Task<double> PredictAsync(string prompt, CancellationToken cancellationToken);

    /// <summary>Calls the model once, and counts what it used.</summary>
    private protected async Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        _options.ConfigureOptions?.Invoke(options);
        Interlocked.Increment(ref _calls);
        ChatResponse response = await _client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        if (response.Usage is { } usage)
        {
            Interlocked.Add(ref _inputTokens, usage.InputTokenCount ?? 0);
            Interlocked.Add(ref _outputTokens, usage.OutputTokenCount ?? 0);
            _options.OnUsage?.Invoke(usage);
        }

        return response;
    }

    // Text, which every cache can serialise as it is.
    private static string Format(double probability) => probability.ToString("R", CultureInfo.InvariantCulture);

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private async Task<double> PredictInTimeAsync(string prompt, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ITimer? timer = _options.TimeLimit == Timeout.InfiniteTimeSpan
            ? null
            : _timeProvider.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), source, _options.TimeLimit, Timeout.InfiniteTimeSpan);
        try
        {
            double probability = await PredictAsync(Shorten(prompt), source.Token).WaitAsync(source.Token).ConfigureAwait(false);
            return probability is >= 0 and <= 1
                ? probability
                : throw new InvalidOperationException($"Router '{_metadata.Name}' came to {probability}, which is no probability in [0, 1].");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && source.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
            throw new TimeoutException($"Router '{_metadata.Name}' exceeded its time limit of {_options.TimeLimit}.");
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
    }

    private string KeyOf(string prompt) => _cachePrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prompt)));

    private string Shorten(string prompt)
    {
        if (prompt.Length <= _options.MaxPromptLength)
        {
            return prompt;
        }

        int head = _options.MaxPromptLength * 3 / 4;
        return $"{prompt.AsSpan(0, head)}\n[...]\n{prompt.AsSpan(prompt.Length - (_options.MaxPromptLength - head))}";
    }
}
