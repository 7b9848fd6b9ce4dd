using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using OllamaSharp;
using OllamaSharp.Models.Chat;
using OpenAI;
using OpenAI.Chat;

namespace RouteLLM.Tests;

/// <summary>Providers whose options carry a raw model name get the route's model, whatever the caller's own options object says.</summary>
public class RawOptionsTests
{
    private readonly List<string> _bodies = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ollama_is_sent_the_routes_model(bool explicitModel)
    {
        using HttpClient http = Recording("""{"model":"x","message":{"role":"assistant","content":"hi"},"done":true}""");
        IChatClient ollama = new OllamaApiClient(http, "llama-default");
        await RouteAsync(ollama, explicitModel ? "llama-strong" : null, new() { ModelId = "router-builtin-0", RawRepresentationFactory = _ => new ChatRequest { Model = "router-builtin-0" } });

        Assert.Contains(explicitModel ? "\"model\":\"llama-strong\"" : "\"model\":\"llama-default\"", Assert.Single(_bodies));
        Assert.DoesNotContain("router-", _bodies[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenAI_chat_completions_are_sent_the_routes_model(bool patched)
    {
        using HttpClient http = Recording("""{"id":"1","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""");
        IChatClient openAI = OpenAIClient(http).GetChatClient("gpt-default").AsIChatClient();
        await RouteAsync(openAI, "gpt-strong", new()
        {
            ModelId = "router-builtin-0",
            RawRepresentationFactory = _ =>
            {
                var raw = new ChatCompletionOptions { StoredOutputEnabled = true };
#pragma warning disable SCME0001 // JsonPatch is experimental; an application may set the model with it.
                if (patched)
                {
                    raw.Patch.Set("$.model"u8, "router-builtin-0");
                }
#pragma warning restore SCME0001
                return raw;
            },
        });

        Assert.Contains("\"model\":\"gpt-strong\"", Assert.Single(_bodies));
        Assert.Contains("\"store\":true", _bodies[0]);
        Assert.DoesNotContain("router-", _bodies[0]);
    }

    private static async Task RouteAsync(IChatClient strong, string? model, Microsoft.Extensions.AI.ChatOptions options)
    {
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("w"), new FakeRouter(0.9), new() { Threshold = 0.5, StrongModel = model });
        Assert.Equal("hi", (await client.GetResponseAsync("hello", options, TestContext.Current.CancellationToken)).Text);
    }

    private static OpenAIClient OpenAIClient(HttpClient http) =>
        new(new ApiKeyCredential("key"), new OpenAIClientOptions { Transport = new HttpClientPipelineTransport(http), Endpoint = new Uri("http://localhost/v1") });

    private HttpClient Recording(string answer) => new(new Handler(_bodies, answer)) { BaseAddress = new Uri("http://localhost") };

    private sealed class Handler(List<string> bodies, string answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new(HttpStatusCode.OK) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
        }
    }
}
