using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Reads the streams of providers.</summary>
internal static class StreamReading
{
    /// <summary>Gives the update that a stream has come to.</summary>
    /// <exception cref="InvalidOperationException">It is <see langword="null"/>.</exception>
    public static ChatResponseUpdate CurrentOf(IAsyncEnumerator<ChatResponseUpdate> updates, ModelRoute route) =>
        updates.Current ?? throw new InvalidOperationException($"The client of route '{route.Name}' gave an update that is null.");

    /// <summary>Closes a stream that failed: what closing it throws adds nothing to its failure, and is not to hide it.</summary>
    public static async ValueTask CloseFailedAsync(IAsyncDisposable? stream)
    {
        try
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // See the summary.
        }
    }
}
