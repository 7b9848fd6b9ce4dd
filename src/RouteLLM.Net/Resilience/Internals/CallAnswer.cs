using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>What a call of a deployment gave: a response, or a stream that has begun. Of two that answer, Polly disposes the one that came second.</summary>
internal sealed class CallAnswer(DeploymentCall call, ChatResponse? response, ResilientStream? stream) : IAsyncDisposable
{
    public DeploymentCall Call => call;

    public ChatResponse? Response => response;

    public ResilientStream? Stream => stream;

    public ValueTask DisposeAsync() => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
