using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>A stream whose first update has been read already, which is given again. A provider that hangs cannot hold it beyond the request's time.</summary>
internal sealed class ResilientStream : IAsyncEnumerator<ChatResponseUpdate>
{
    private readonly DeploymentCall _call;
    private readonly DeploymentLease _lease;
    private readonly ResilientCall _request;
    private readonly CancellationTokenSource _source;
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;
    private Task<bool>? _pending;
    private bool _isBeforeFirst = true;
    private bool _hasFirst;

    private ResilientStream(DeploymentCall call, DeploymentLease lease, ResilientCall request)
    {
        _call = call;
        _lease = lease;
        _request = request;

        // A source of its own: those of Polly's strategies end, and serve another call, when this one has given its first update.
        _source = CancellationTokenSource.CreateLinkedTokenSource(request.CancellationToken);
    }

    public ChatResponseUpdate Current => _updates!.Current;

    /// <summary>Opens a stream and waits for its first update.</summary>
    /// <param name="call">The call.</param>
    /// <param name="lease">Its lease, which the stream ends.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">The options for the provider.</param>
    /// <param name="cancellationToken">Ends the wait for the first update, and with it the stream.</param>
    public static async ValueTask<ResilientStream> OpenAsync(DeploymentCall call, DeploymentLease lease, ResilientCall request, ChatOptions? options, CancellationToken cancellationToken)
    {
        var stream = new ResilientStream(call, lease, request);
        try
        {
            await using (cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), stream._source).ConfigureAwait(false))
            {
                CancellationToken token = stream._source.Token;
                stream._updates = call.Slot.Client.GetStreamingResponseAsync(request.Messages, options, token).GetAsyncEnumerator(token);
                stream._hasFirst = await stream.ReadAsync().ConfigureAwait(false);
                if (stream._hasFirst && stream.Current is null)
                {
                    throw new InvalidOperationException($"{call.Describe()} gave an update that is null.");
                }
            }

            // It may have come together with the first update: then who cancelled has gone.
            cancellationToken.ThrowIfCancellationRequested();
            return stream;
        }
        catch (Exception)
        {
            await stream.CloseAsync(suppress: true).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<bool> MoveNextAsync()
    {
        try
        {
            bool moved;
            if (_isBeforeFirst)
            {
                _isBeforeFirst = false;
                moved = _hasFirst;
            }
            else
            {
                moved = await ReadAsync().ConfigureAwait(false);
            }

            if (!moved)
            {
                _lease.Succeed();
            }

            return moved;
        }
        catch (Exception error)
        {
            _call.BreakOff(error);
            if (_request.IsTimedOut && !_request.IsCancelled)
            {
                throw _request.MakeTimeout(error);
            }

            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        // Of a stream that was read to its end, or broke off, this is no news.
        _lease.Release();
        return CloseAsync(suppress: false);
    }

    private async ValueTask<bool> ReadAsync()
    {
        ValueTask<bool> move = _updates!.MoveNextAsync();
        if (move.IsCompleted)
        {
            return await move.ConfigureAwait(false);
        }

        Task<bool> moving = move.AsTask();
        _pending = moving;
        bool moved = await moving.WaitAsync(_source.Token).ConfigureAwait(false);
        _pending = null;
        return moved;
    }

    private async ValueTask CloseAsync(bool suppress)
    {
        if (Interlocked.Exchange(ref _updates, null) is not { } updates)
        {
            _source.Dispose();
            return;
        }

        if (_pending is { IsCompleted: false } hanging)
        {
            // An enumerator must not be disposed while it moves; this one is when, and if, it comes back.
            _source.Cancel();
            _ = CloseLaterAsync(hanging, updates, _source);
            return;
        }

        try
        {
            await updates.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception) when (suppress)
        {
            // What closing a stream that failed throws adds nothing to its failure, and is not to hide it.
        }
        finally
        {
            _source.Dispose();
        }
    }

    private static async Task CloseLaterAsync(Task hanging, IAsyncEnumerator<ChatResponseUpdate> updates, CancellationTokenSource source)
    {
        await hanging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await updates.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nobody waits for this stream any longer.
        }

        source.Dispose();
    }
}
