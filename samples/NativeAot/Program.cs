// Routing in a native binary, without a runtime or reflection: `dotnet publish -c Release samples/NativeAot`, then run the program it makes,
// with `--router FILE` to route by an artifact of your own, or `--bert FOLDER` by a text classifier as ONNX, and with prompts of your own.
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RouteLLM;
using RouteLLM.Samples.NativeAot;

string? artifact = args is ["--router", var file, ..] ? file : null;
string? classifier = args is ["--bert", var folder, ..] ? folder : null;
bool isBuiltIn = artifact is null && classifier is null;
string[] prompts = args[(isBuiltIn ? 0 : 2)..] is { Length: > 0 } given ? given : ["thanks, that worked!", "Prove that every compact metric space is separable, and give a counterexample when compactness is dropped."];

var services = new ServiceCollection();
if (artifact is not null)
{
    services.AddRouter("own", artifact);
}
else if (classifier is not null)
{
    services.AddBertRouter(classifier, "own");
}

services.AddSingleton<IDistributedCache>(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
services
    .AddRoutedChatClient(strong: _ => new EchoChatClient("strong"), weak: _ => new EchoChatClient("weak"), options =>
    {
        // A classifier's scores have no known distribution, from which a share would give a threshold.
        (options.StrongShare, options.Threshold) = classifier is null ? ((double?)0.3, (double?)null) : (null, 0.5);
        options.Router = isBuiltIn ? RouterRegistry.BuiltInName : "own";
    })
    .UseDistributedCache();
using ServiceProvider provider = services.BuildServiceProvider();
IChatClient client = provider.GetRequiredService<IChatClient>();

foreach (string prompt in prompts)
{
    RouteOutcome fresh = (await client.GetResponseAsync(prompt)).GetRouteOutcome() ?? throw new InvalidOperationException("The response carries no outcome.");
    Console.WriteLine($"{fresh.WinProbability:0.000}  {fresh.Route,-6}  {fresh.DecisionTime.TotalMicroseconds,9:0.0} us  {prompt}");

    // The same question again is answered from the cache, and says so.
    RouteOutcome replay = (await client.GetResponseAsync(prompt)).GetRouteOutcome() ?? throw new InvalidOperationException("The cached response carries no outcome.");
    if (fresh.IsReplay || !replay.IsReplay || replay.Route != fresh.Route || replay.WinProbability != fresh.WinProbability)
    {
        throw new InvalidOperationException($"The outcome did not survive the cache: {replay.Route}, {replay.WinProbability}, replay {replay.IsReplay}.");
    }
}
