using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;

namespace RouteLLM;

/// <summary>Remembers the scores of prompts in a <see cref="HybridCache"/>, so that a router that is expensive to ask (an embedding service, a judge) is asked once for a prompt that comes again.</summary>
/// <remarks>
/// <para>
/// A key is made of the router's name, models and artifact hash (<see cref="RouterMetadata"/>) and of the prompt, hashed, so that nothing of a prompt is in the cache's keys. What is cached is a score, never a decision: thresholds, rules and budgets
/// apply to it as ever. Those who ask for one prompt at the same time share one question. A failure is not cached, and where the cache itself fails, the router is asked.
/// </para>
/// <para>Only for routers that read nothing of a request but its prompt, as all of this library do. The built-in router scores a prompt about as fast as a cache finds it, and gains nothing.</para>
/// </remarks>
public sealed class CachedRouter : DelegatingRouter
{
    private readonly HybridCache _cache;
    private readonly HybridCacheEntryOptions _options;
    private readonly HybridCacheEntryOptions _lookup;
    private readonly PromptKey _key;

    /// <summary>Initializes a new instance of the <see cref="CachedRouter"/> class.</summary>
    /// <param name="innerRouter">The router whose scores are remembered.</param>
    /// <param name="cache">The cache; it stays the caller's.</param>
    /// <param name="options">How long scores are kept, and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="innerRouter"/> or <paramref name="cache"/> is <see langword="null"/>.</exception>
    public CachedRouter(IRouter innerRouter, HybridCache cache, CachedRouterOptions? options = null)
        : base(innerRouter)
    {
        ArgumentNullException.ThrowIfNull(cache);
        _cache = cache;
        CalibratedRouter identity = CalibratedRouter.Of(innerRouter);
        HybridCacheEntryFlags flags = identity.Fingerprint is null && options?.Version is null ? HybridCacheEntryFlags.DisableDistributedCache : HybridCacheEntryFlags.None;
        _options = new() { Expiration = options?.Expiration, LocalCacheExpiration = options?.LocalExpiration, Flags = flags };
        _lookup = new() { Expiration = options?.Expiration, LocalCacheExpiration = options?.LocalExpiration, Flags = flags | HybridCacheEntryFlags.DisableUnderlyingData };
        _key = new(string.Join('\n', "score", identity.Name, identity.Fingerprint, identity.StrongModel, identity.WeakModel, options?.Version));
    }

    /// <inheritdoc/>
    public override async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var question = new Question(InnerRouter, request);
        string? entry = null;
        try
        {
            entry = await _cache.GetOrCreateAsync(_key.Of(request.Prompt), question, static (asked, token) => asked.AskAsync(token), _options, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!question.HasFailed && !cancellationToken.IsCancellationRequested)
        {
            // The cache failed, or another who asked for the same.
        }

        return TryRead(entry, request, out double score) ? score : await InnerRouter.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        double[] scores = new double[requests.Count];
        List<int> missing = [];
        for (int i = 0; i < scores.Length; i++)
        {
            if (!TryRead(await FindAsync(requests[i], cancellationToken).ConfigureAwait(false), requests[i], out scores[i]))
            {
                missing.Add(i);
            }
        }

        if (missing.Count > 0)
        {
            IReadOnlyList<double> asked = await InnerRouter.PredictWinProbabilitiesAsync([.. missing.Select(i => requests[i])], cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < asked.Count; i++)
            {
                scores[missing[i]] = asked[i];
                await KeepAsync(requests[missing[i]], asked[i], cancellationToken).ConfigureAwait(false);
            }
        }

        return scores;
    }

    private static string Write(double score, int? cluster) =>
        cluster is { } found ? string.Create(CultureInfo.InvariantCulture, $"{score:R};{found}") : score.ToString("R", CultureInfo.InvariantCulture);

    private static bool TryRead(string? entry, RouteRequest request, out double score)
    {
        ReadOnlySpan<char> text = entry;
        int separator = text.IndexOf(';');
        if (!double.TryParse(separator < 0 ? text : text[..separator], NumberStyles.Float, CultureInfo.InvariantCulture, out score) || score is not (>= 0 and <= 1))
        {
            return false;
        }

        if (separator >= 0 && int.TryParse(text[(separator + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int cluster))
        {
            request.Cluster = cluster;
        }

        return true;
    }

    private async ValueTask<string?> FindAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _cache.GetOrCreateAsync(_key.Of(request.Prompt), static _ => new ValueTask<string?>((string?)null), _lookup, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async ValueTask KeepAsync(RouteRequest request, double score, CancellationToken cancellationToken)
    {
        try
        {
            if (score is >= 0 and <= 1)
            {
                await _cache.SetAsync(_key.Of(request.Prompt), Write(score, request.Cluster), _options, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A score that is not kept is asked for again.
        }
    }

    private sealed class Question(IRouter router, RouteRequest request)
    {
        public bool HasFailed { get; private set; }

        public async ValueTask<string?> AskAsync(CancellationToken cancellationToken)
        {
            try
            {
                double score = await router.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false);
                return score is >= 0 and <= 1 ? Write(score, request.Cluster) : throw new InvalidOperationException($"The router gave {score}, which is no probability in [0, 1].");
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }
    }
}
