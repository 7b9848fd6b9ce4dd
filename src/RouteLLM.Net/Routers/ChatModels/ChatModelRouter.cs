using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace RouteLLM;

/// <summary>A router that asks a chat model, which costs money and most of a second; the base of <see cref="JudgeRouter"/> and <see cref="UncertaintyRouter"/>.</summary>
/// <remarks>
/// <para>
/// Scores are cached, requests for the same prompt at the same time share one call, and a score that fails or takes too long is left to a fallback router. What the calls cost is counted: in <see cref="Usage"/>, each call
/// through <see cref="ChatModelRouterOptions.OnCall"/>, and the meter <c>RouteLLM</c> (see <see cref="Diagnostics.RoutingTelemetryNames"/>).
/// </para>
/// <para>
/// Only the request's prompt is scored, not the messages before it nor the caller's options. The model's client is used, not owned. It must not route through the router itself, directly or in a circle: a call that
/// does throws <see cref="InvalidOperationException"/> instead of recursing. Cancelling a request cancels the model's call, unless others wait for it too.
/// </para>
/// </remarks>
public abstract class ChatModelRouter : IBatchRouter
{
    // The routers whose model is being called further up this flow of execution.
    private static readonly AsyncLocal<Frame?> s_calling = new();

    private readonly IChatClient _client;
    private readonly ChatOptions _chatOptions;
    private readonly RouterMetadata _metadata;
    private readonly ScoreQuantiles? _quantiles;
    private readonly IRouter? _fallback;
    private readonly HybridCache? _sharedCache;
    private readonly HybridCacheEntryOptions? _entryOptions;
    private readonly ScoreCache? _cache;
    private readonly PromptKey _key;
    private readonly SingleFlight _flights;
    private readonly ModelCallLedger _ledger;
    private readonly int _maxPromptLength;
    private readonly int _maxConcurrency;
    private readonly TimeProvider _timeProvider;
    private readonly string? _modelId;

    /// <param name="client">The model's client.</param>
    /// <param name="options">The options.</param>
    /// <param name="name">The router's name.</param>
    /// <param name="recipe">All that the score depends on but for the prompt and the chat options.</param>
    /// <param name="chatOptions">What is sent with each call unless the options say otherwise.</param>
    /// <param name="timeProvider">The clock, or <see langword="null"/> for the system's.</param>
    private protected ChatModelRouter(IChatClient client, ChatModelRouterOptions options, string name, string recipe, ChatOptions chatOptions, TimeProvider? timeProvider)
    {
        ArgumentNullException.ThrowIfNull(client);
        options.Validate();
        options.ConfigureOptions?.Invoke(chatOptions);
        _client = client;
        _chatOptions = chatOptions;
        _modelId = chatOptions.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;
        _metadata = new RouterMetadata(name);
        _quantiles = options.Quantiles;
        _fallback = options.Fallback;
        _sharedCache = options.Cache;
        _entryOptions = options.CacheEntry;
        _cache = options.Cache is null && options.CacheCapacity > 0 ? new ScoreCache(options.CacheCapacity) : null;
        _key = new PromptKey(string.Create(
            CultureInfo.InvariantCulture, $"{name}\n{recipe}\n{_modelId}\n{chatOptions.Temperature}\n{chatOptions.TopP}\n{chatOptions.MaxOutputTokens}\n{chatOptions.Seed}"));
        _timeProvider = timeProvider ?? TimeProvider.System;
        _flights = new SingleFlight(options.TimeLimit, _timeProvider);
        _ledger = new ModelCallLedger(name, options.OnCall);
        _maxPromptLength = options.MaxPromptLength;
        _maxConcurrency = options.MaxConcurrency;
    }

    /// <summary>Gets what has been used so far.</summary>
    public ChatModelUsage Usage => _ledger.Usage;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The model's client routes through this router.</exception>
    /// <exception cref="UnusableAnswerException">The model answered nonsense, and there is no fallback router.</exception>
    /// <exception cref="TimeoutException">The model exceeded the time limit, and there is no fallback router.</exception>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<double>(cancellationToken);
        }

        if (IsCalling())
        {
            return ValueTask.FromException<double>(new InvalidOperationException(
                $"The model that router '{_metadata.Name}' asks is itself routed by it, which would never end. Give the router the client of a model, not a routed client that uses the router."));
        }

        string text = PromptExcerpt.Take(request.Prompt, _maxPromptLength);
        string key = _key.Of(text);
        return _cache is not null && _cache.TryGet(key, out double measure)
            ? new(ToWinProbability(measure))
            : PredictAsync(request, text, key, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Each prompt has its own time limit and fallback; <see cref="ChatModelRouterOptions.MaxConcurrency"/> of them are scored at the same time.</remarks>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var probabilities = new double[requests.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _maxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, probabilities.Length, parallel, async (i, token) =>
        {
            probabilities[i] = await PredictWinProbabilityAsync(requests[i], token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return probabilities;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, _metadata, _quantiles);

    /// <summary>Asks the model about a prompt.</summary>
    /// <param name="text">The prompt, cut to the length the model is to read.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>The measure that is cached.</returns>
    private protected abstract Task<double> MeasureAsync(string text, CancellationToken cancellationToken);

    /// <summary>Turns the measure into the win probability of the strong model, in [0, 1].</summary>
    private protected abstract double ToWinProbability(double measure);

    /// <summary>Calls the model, and counts the call.</summary>
    private protected async Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        long started = _timeProvider.GetTimestamp();
        ChatResponse response;
        try
        {
            response = await _client.GetResponseAsync(messages, _chatOptions.Clone(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _ledger.Called(_modelId, usage: null, _timeProvider.GetElapsedTime(started), error);
            throw;
        }

        _ledger.Called(response.ModelId ?? _modelId, response.Usage, _timeProvider.GetElapsedTime(started), error: null);
        return response;
    }

    private async ValueTask<double> PredictAsync(RouteRequest request, string text, string key, CancellationToken cancellationToken)
    {
        try
        {
            return ToWinProbability(await _flights.JoinAsync(key, token => MeasureOnceAsync(text, key, token), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _ledger.Failed(error, _fallback is not null);
            if (_fallback is null)
            {
                throw;
            }
        }

        return await _fallback.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<double> MeasureOnceAsync(string text, string key, CancellationToken cancellationToken)
    {
        if (_sharedCache is null)
        {
            double measure = await MeasureInFrameAsync(text, cancellationToken).ConfigureAwait(false);
            _cache?.Add(key, measure);
            return measure;
        }

        // As text, which every hybrid cache can store without reflection.
        string stored = await _sharedCache.GetOrCreateAsync(
            key,
            (Router: this, Text: text),
            static async (state, token) => (await state.Router.MeasureInFrameAsync(state.Text, token).ConfigureAwait(false)).ToString("R", CultureInfo.InvariantCulture),
            _entryOptions,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return double.Parse(stored, CultureInfo.InvariantCulture);
    }

    private async Task<double> MeasureInFrameAsync(string text, CancellationToken cancellationToken)
    {
        // The value ends with this method.
        s_calling.Value = new Frame(this, s_calling.Value);
        return await MeasureAsync(text, cancellationToken).ConfigureAwait(false);
    }

    private bool IsCalling()
    {
        for (Frame? frame = s_calling.Value; frame is not null; frame = frame.Outer)
        {
            if (frame.Router == this)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Frame(ChatModelRouter Router, Frame? Outer);
}
