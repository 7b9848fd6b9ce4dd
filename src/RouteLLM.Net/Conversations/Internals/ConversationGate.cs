namespace RouteLLM.Internals;

/// <summary>Refuses nothing; takes note of the route that answered a turn of a conversation.</summary>
internal sealed class ConversationGate(ConversationMemory memory, ConversationRanks ranks) : IRouteGate
{
    public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) =>
        new(ConversationMemory.KeyOf(attempt.Request) is { } key ? new Admission(key, attempt.Route.Name, memory, ranks) : RouteAdmission.Granted);

    private sealed class Admission(string key, string route, ConversationMemory memory, ConversationRanks ranks) : RouteAdmission
    {
        // A caller that stops reading a stream goes on from what it has read, so that counts as an answer, unless it was nothing; one of a cache has touched no model.
        public override ValueTask CompleteAsync(RouteAttemptResult result) =>
            result is { Status: RouteAttemptStatus.Answered } or { Status: RouteAttemptStatus.Cancelled, Usage: not null } ? RememberAsync() : ValueTask.CompletedTask;

        private async ValueTask RememberAsync()
        {
            string? kept = await memory.GetOrAddAsync(key, route).ConfigureAwait(false);
            while (kept is not null && kept != route && (!ranks.Knows(kept) || (memory.Affinity == ConversationAffinity.MoveUp && ranks.IsStronger(route, kept))))
            {
                if (await memory.TryReplaceAsync(key, kept, route).ConfigureAwait(false))
                {
                    return;
                }

                string before = kept;
                kept = await memory.GetOrAddAsync(key, route).ConfigureAwait(false);
                if (kept == before)
                {
                    // Not replaced though unchanged: the store fails just now.
                    return;
                }
            }
        }
    }
}
