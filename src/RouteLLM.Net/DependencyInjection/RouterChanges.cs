using Microsoft.Extensions.Primitives;

namespace RouteLLM.DependencyInjection;

/// <summary>Tells the clients of a container that one of its routers has changed.</summary>
internal sealed class RouterChanges
{
    private readonly Lock _lock = new();

    // Without a timer or a linked token there is nothing to dispose of.
    private CancellationTokenSource Change { get; set; } = new();

    public IChangeToken GetChangeToken()
    {
        lock (_lock)
        {
            return new CancellationChangeToken(Change.Token);
        }
    }

    public void Tell()
    {
        CancellationTokenSource change;
        lock (_lock)
        {
            (change, Change) = (Change, new());
        }

        change.Cancel();
    }
}
