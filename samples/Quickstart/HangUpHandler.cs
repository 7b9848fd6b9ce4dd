namespace RouteLLM.Quickstart;

/// <summary>Closes the connection of a streamed response when the program is to end.</summary>
/// <remarks>OllamaSharp waits for the next piece of an answer without looking at its cancellation token; a server that is silent would hold up Ctrl-C.</remarks>
internal sealed class HangUpHandler(CancellationToken cancellationToken) : DelegatingHandler(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken requestCancellation)
    {
        HttpResponseMessage response = await base.SendAsync(request, requestCancellation);
        cancellationToken.Register(response.Dispose);
        return response;
    }
}
