using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>Asks a conversation store, whose failures never are a request's: they are logged, and the store then counts as empty and is left alone for a while.</summary>
internal sealed class ConversationMemory(ConversationOptions options, IConversationStore store, TimeProvider timeProvider)
{
    private readonly long _started = timeProvider.GetTimestamp();

    // Milliseconds since the start until which the store is left alone; 0 while it is well.
    private long _downUntil;

    public ConversationAffinity Affinity => options.Affinity;

    /// <summary>Gets or sets where failures are logged.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>Gets a value indicating whether the state of providers is kept, for which a store is to outlive this process's memory.</summary>
    public bool KeepsProviderState { get; } = options.Store is not null;

    private long Elapsed => (long)timeProvider.GetElapsedTime(_started).TotalMilliseconds + 1;

    /// <summary>Gives the key of a request's conversation, or <see langword="null"/> if it belongs to none.</summary>
    public static string? KeyOf(RouteRequest request) =>
        request.Conversation is not { Length: > 0 } conversation ? null
        : request.ConversationKey ??= request.Tenant is { } tenant ? $"tenant:{tenant.Length}:{tenant}:conversation:{conversation}" : $"conversation:{conversation}";

    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken) => GuardAsync(key, options.Expiry, static (s, a, token) => s.FindAsync(a.Key, a.Expiry, token), cancellationToken);

    public ValueTask<string?> GetOrAddAsync(string key, string route) =>
        GuardAsync((key, route), options.Expiry, static (s, a, token) => s.GetOrAddAsync(a.Key.key, a.Key.route, a.Expiry, token)!, CancellationToken.None);

    public async ValueTask<bool> TryReplaceAsync(string key, string known, string route) =>
        await GuardAsync((key, known, route), options.Expiry, static async (s, a, token) => await s.TryReplaceAsync(a.Key.key, a.Key.known, a.Key.route, a.Expiry, token).ConfigureAwait(false) ? "" : null, CancellationToken.None)
            .ConfigureAwait(false) is not null;

    /// <summary>Finds the route that made a provider's state that a request carries, or <see langword="null"/>.</summary>
    public async ValueTask<string?> FindProviderStateAsync(ChatOptions request, CancellationToken cancellationToken) =>
        (request.ContinuationToken is { } token ? await FindStateAsync(TokenKey(token), cancellationToken).ConfigureAwait(false) : null) ??
        (request.ConversationId is { } id ? await FindStateAsync(StateKey(id), cancellationToken).ConfigureAwait(false) : null);

    /// <summary>Keeps the route that made a provider's state.</summary>
    public ValueTask RememberProviderStateAsync(string route, string? conversationId, ResponseContinuationToken? token)
    {
        if (!KeepsProviderState || (conversationId is null && token is null))
        {
            return ValueTask.CompletedTask;
        }

        return RememberAsync();

        async ValueTask RememberAsync()
        {
            if (conversationId is not null)
            {
                await RememberStateAsync(StateKey(conversationId), route).ConfigureAwait(false);
            }

            if (token is not null)
            {
                await RememberStateAsync(TokenKey(token), route).ConfigureAwait(false);
            }
        }
    }

    private static string StateKey(string conversationId) => $"state:{conversationId}";

    private static string TokenKey(ResponseContinuationToken token) => $"token:{Convert.ToHexStringLower(SHA256.HashData(token.ToBytes().Span))}";

    private ValueTask<string?> FindStateAsync(string key, CancellationToken cancellationToken) =>
        GuardAsync(key, options.ProviderStateExpiry, static (s, a, token) => s.FindAsync(a.Key, a.Expiry, token), cancellationToken);

    private async ValueTask RememberStateAsync(string key, string route)
    {
        string? kept = await GuardAsync((key, route), options.ProviderStateExpiry, static (s, a, token) => s.GetOrAddAsync(a.Key.key, a.Key.route, a.Expiry, token)!, CancellationToken.None).ConfigureAwait(false);
        if (kept is not null && kept != route)
        {
            // An id that a provider uses again, or that two providers use: the last to use it has it.
            await GuardAsync((key, kept, route), options.ProviderStateExpiry, static async (s, a, token) => await s.TryReplaceAsync(a.Key.key, a.Key.kept, a.Key.route, a.Expiry, token).ConfigureAwait(false) ? "" : null, CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    private ValueTask<string?> GuardAsync<T>(T key, TimeSpan expiry, Func<IConversationStore, (T Key, TimeSpan Expiry), CancellationToken, ValueTask<string?>> ask, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _downUntil) is not 0 and long until && until > Elapsed)
        {
            return new((string?)null);
        }

        ValueTask<string?> answer;
        try
        {
            answer = ask(store, (key, expiry), cancellationToken);
        }
        catch (Exception error)
        {
            answer = ValueTask.FromException<string?>(error);
        }

        return answer.IsCompletedSuccessfully && Volatile.Read(ref _downUntil) == 0 ? answer : AwaitAsync(answer, cancellationToken);
    }

    private async ValueTask<string?> AwaitAsync(ValueTask<string?> answer, CancellationToken cancellationToken)
    {
        Task<string?> asking = answer.AsTask();
        try
        {
            string? found = await asking.WaitAsync(options.StoreTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _downUntil, 0) != 0)
            {
                Logger.ConversationStoreHealed();
            }

            return found;
        }
        catch (Exception error)
        {
            // So that no exception of a task that is waited for no longer is reported as unobserved.
            _ = asking.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();

            // Logged when it begins to fail, not for every request that comes while it does.
            if (Interlocked.Exchange(ref _downUntil, Elapsed + (long)options.StoreRetryAfter.TotalMilliseconds) == 0)
            {
                Logger.ConversationStoreFailed(error, error.GetType().FullName!);
            }

            return null;
        }
    }
}
