using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Quickstart.Tests;

/// <summary>A server on this machine that speaks OpenAI's chat-completions protocol (<c>/v1</c>) and Ollama's (<c>/api/chat</c>), and remembers what it was asked.</summary>
internal sealed class FakeModelServer : IAsyncDisposable
{
    public const string Key = "sk-test-1234567890-secret";
    public const string Strong = "big-model", Weak = "small-model";
    public const int InputTokens = 1000, OutputTokens = 500;

    private readonly WebApplication _app;

    private FakeModelServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public string OpenAIEndpoint => $"{Address}/v1";

    /// <summary>Gives the sample's options for calling this server.</summary>
    public string[] OpenAIOptions(string key = Key, string strong = Strong) => ["--endpoint", OpenAIEndpoint, "--api-key", key, "--strong-model", strong, "--weak-model", Weak];

    /// <inheritdoc cref="OpenAIOptions"/>
    public string[] OllamaOptions(string strong = Strong) => ["--ollama", Address, "--strong-model", strong, "--weak-model", Weak];

    /// <summary>Gets the bodies of all requests, in order.</summary>
    public ConcurrentQueue<JsonNode> Requests { get; } = new();

    public IEnumerable<string> ModelsAsked => Requests.Select(request => (string)request["model"]!);

    /// <summary>Gets or sets what is refused: the status for a model and a prompt, or <see langword="null"/> to answer.</summary>
    public Func<string, string, HttpStatusCode?> Refuse { get; set; } = (_, _) => null;

    public bool ReportsUsage { get; set; } = true;

    /// <summary>Gets or sets what happens between the first and the second piece of a streamed answer.</summary>
    public Func<CancellationToken, Task> AfterFirstPiece { get; set; } = _ => Task.CompletedTask;

    public static async Task<FakeModelServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var server = new FakeModelServer(app);
        app.MapPost("/v1/chat/completions", server.CompleteChatAsync);
        app.MapPost("/api/chat", server.OllamaChatAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task CompleteChatAsync(HttpContext context)
    {
        JsonNode request = await ReadAsync(context);
        if (context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            string given = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "");
            await RefuseAsync(context, HttpStatusCode.Unauthorized, new { error = new { message = $"Incorrect API key provided: {given}.", type = "invalid_request_error", code = "invalid_api_key" } });
            return;
        }

        (string model, string prompt) = ((string)request["model"]!, Prompt(request));
        HttpStatusCode? status = model is Strong or Weak ? Refuse(model, prompt) : HttpStatusCode.NotFound;
        if (status is { } refusal)
        {
            await RefuseAsync(context, refusal, new { error = new { message = $"{model} says {(int)refusal} to {context.Request.Headers.Authorization}.", type = "some_error" } });
            return;
        }

        object? usage = ReportsUsage ? new { prompt_tokens = InputTokens, completion_tokens = OutputTokens, total_tokens = InputTokens + OutputTokens } : null;
        if ((bool?)request["stream"] != true)
        {
            await context.Response.WriteAsJsonAsync(new
            {
                id = "chat-1", @object = "chat.completion", created = 1_700_000_000, model, usage,
                choices = new[] { new { index = 0, message = new { role = "assistant", content = $"Answer of {model}" }, finish_reason = "stop" } },
            });
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await SendChunkAsync(new { role = "assistant", content = $"Answer of" }, null);
        await AfterFirstPiece(context.RequestAborted);
        await SendChunkAsync(new { content = $" {model}" }, null);
        await SendChunkAsync(new { }, "stop");
        if (usage is not null && (bool?)request["stream_options"]?["include_usage"] == true)
        {
            await SendAsync(new { id = "chat-1", @object = "chat.completion.chunk", created = 1_700_000_000, model, choices = Array.Empty<object>(), usage });
        }

        await context.Response.WriteAsync("data: [DONE]\n\n");

        Task SendChunkAsync(object delta, string? finish) =>
            SendAsync(new { id = "chat-1", @object = "chat.completion.chunk", created = 1_700_000_000, model, choices = new[] { new { index = 0, delta, finish_reason = finish } } });

        async Task SendAsync(object chunk)
        {
            await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private async Task OllamaChatAsync(HttpContext context)
    {
        JsonNode request = await ReadAsync(context);
        (string model, string prompt) = ((string)request["model"]!, Prompt(request));
        if (model is not (Strong or Weak))
        {
            await RefuseAsync(context, HttpStatusCode.NotFound, new { error = $"model '{model}' not found" });
            return;
        }

        if (Refuse(model, prompt) is { } refusal)
        {
            await RefuseAsync(context, refusal, new { error = $"{model} says {(int)refusal}." });
            return;
        }

        context.Response.ContentType = "application/x-ndjson";
        await SendAsync(new { model, created_at = "2025-01-01T00:00:00Z", message = new { role = "assistant", content = "Answer of" }, done = false });
        await AfterFirstPiece(context.RequestAborted);
        await SendAsync(new { model, created_at = "2025-01-01T00:00:00Z", message = new { role = "assistant", content = $" {model}" }, done = false });
        await SendAsync(new
        {
            model, created_at = "2025-01-01T00:00:00Z", message = new { role = "assistant", content = "" }, done = true, done_reason = "stop",
            prompt_eval_count = InputTokens, eval_count = OutputTokens, total_duration = 1, load_duration = 1, prompt_eval_duration = 1, eval_duration = 1,
        });

        async Task SendAsync(object line)
        {
            await context.Response.WriteAsync($"{JsonSerializer.Serialize(line)}\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private async Task<JsonNode> ReadAsync(HttpContext context)
    {
        JsonNode request = (await JsonNode.ParseAsync(context.Request.Body))!;
        Requests.Enqueue(request);
        return request;
    }

    private static string Prompt(JsonNode request) =>
        request["messages"]!.AsArray().Last()!["content"] is JsonArray parts ? string.Concat(parts.Select(part => (string?)part!["text"])) : (string)request["messages"]!.AsArray().Last()!["content"]!;

    private static Task RefuseAsync(HttpContext context, HttpStatusCode status, object body)
    {
        context.Response.StatusCode = (int)status;
        return context.Response.WriteAsJsonAsync(body);
    }
}
