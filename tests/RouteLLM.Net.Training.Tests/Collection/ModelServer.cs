using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Training.Tests.Collection;

/// <summary>A server on this machine that speaks OpenAI's chat-completions protocol, keeps account of what it was asked and what it answered, and can be made to hold its answers back.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ModelServer(WebApplication app) => _app = app;

    public string Endpoint => $"{_app.Urls.Single()}/v1";

    /// <summary>Gets all requests, in order, by model and prompt.</summary>
    public ConcurrentQueue<(string Model, string Prompt)> Asked { get; } = new();

    /// <summary>Gets or sets what is waited for before an answer, after it was asked for.</summary>
    public Func<(string Model, string Prompt), Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public static async Task<ModelServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var server = new ModelServer(app);
        app.MapPost("/v1/chat/completions", server.CompleteAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task CompleteAsync(HttpContext context)
    {
        JsonNode request = (await JsonNode.ParseAsync(context.Request.Body))!;
        string model = (string)request["model"]!, prompt = Text(request["messages"]!.AsArray().Last()!["content"]!);
        Asked.Enqueue((model, prompt));
        await BeforeAnswer((model, prompt));
        string answer = model == "judge" ? """{"winner": "tie"}""" : $"Answer of {model} to: {prompt}";
        await context.Response.WriteAsJsonAsync(new
        {
            id = "chat-1", @object = "chat.completion", created = 1_700_000_000, model,
            usage = new { prompt_tokens = 10, completion_tokens = 2, total_tokens = 12 },
            choices = new[] { new { index = 0, message = new { role = "assistant", content = answer }, finish_reason = "stop" } },
        });
    }

    private static string Text(JsonNode content) => content is JsonArray parts ? string.Concat(parts.Select(part => (string?)part!["text"])) : (string)content!;
}
