using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OllamaSharp;
using OllamaSharp.Models.Chat;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

#pragma warning disable OPENAI001, SCME0001 // Responses and JsonPatch are experimental; applications use them.

namespace RouteLLM.Tests.Contracts;

/// <summary>What real clients put on the wire when the caller's options, or a raw options object in them, carry a model string of routing's or one of the caller's own.</summary>
public sealed class RawModelNameTests : IDisposable
{
    private const string CallersString = "router-fake-0.25";
    private readonly Wire _wire = new();

    public void Dispose() => _wire.Dispose();

    public enum Api
    {
        ChatCompletions,
        Responses,
        Ollama,
    }

    /// <summary>Where the caller's string stands.</summary>
    public enum Place
    {
        ModelId,
        Property,
        Patch,
        PatchByBrackets,
        PatchByOtherBrackets,
        NotAtAll,
    }

    public static TheoryData<Api, Place, bool, bool> Cases
    {
        get
        {
            var data = new TheoryData<Api, Place, bool, bool>();
            foreach (Api api in Enum.GetValues<Api>())
            {
                foreach (Place place in Enum.GetValues<Place>())
                {
                    // Chat completions have no property for the model, and Ollama's options no patch.
                    if ((api, place) is (Api.ChatCompletions, Place.Property) or (Api.Ollama, Place.Patch or Place.PatchByBrackets or Place.PatchByOtherBrackets))
                    {
                        continue;
                    }

                    foreach (bool named in new[] { false, true })
                    {
                        data.Add(api, place, named, false);
                        data.Add(api, place, named, true);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_model_on_the_wire_is_the_routes(Api api, Place place, bool routeNamesModel, bool streaming)
    {
        using var client = new RoutedChatClient(Client(api), TestChatClient.Answering("weak"), new FakeRouter(0.9), new() { Threshold = 0.5, StrongModel = routeNamesModel ? "of-the-route" : null });
        var options = new ChatOptions { ModelId = place == Place.NotAtAll ? null : CallersString, RawRepresentationFactory = Raw(api, place) };

        ChatResponse response = await client.AskAsync("hello", streaming, options);

        Assert.Equal("hi", response.Text);
        string body = Assert.Single(_wire.Bodies);
        Assert.DoesNotContain("router-", body);
        Assert.Equal(routeNamesModel ? "of-the-route" : "of-the-client", JsonDocument.Parse(body).RootElement.GetProperty("model").GetString());
        Assert.Equal(1, body.Split("\"model\"").Length - 1);
    }

    [Theory]
    [InlineData(Api.ChatCompletions)]
    [InlineData(Api.Responses)]
    [InlineData(Api.Ollama)]
    public async Task A_refused_string_never_reaches_the_wire(Api api)
    {
        using var client = new RoutedChatClient(Client(api), Client(api), new FakeRouter(0.9), new() { Threshold = 0.5 });
        foreach (string modelId in new[] { "router-fake-2", "router-", "router-nobody-0.5", "gpt-unknown" })
        {
            foreach (bool streaming in new[] { false, true })
            {
                await Assert.ThrowsAsync<ArgumentException>(() => client.AskAsync("hello", streaming, new() { ModelId = modelId, RawRepresentationFactory = Raw(api, Place.ModelId) }));
            }
        }

        Assert.Empty(_wire.Bodies);
    }

    [Fact]
    public async Task What_else_a_raw_object_says_stays()
    {
        using var client = new RoutedChatClient(Client(Api.Responses), TestChatClient.Answering("weak"), new FakeRouter(0.9), new() { Threshold = 0.5, StrongModel = "of-the-route" });
        await client.AskAsync("hello", streaming: false, new()
        {
            RawRepresentationFactory = _ =>
            {
                var raw = new CreateResponseOptions { Model = CallersString, TruncationMode = ResponseTruncationMode.Auto };
                raw.Patch.Set("$.service_tier"u8, "flex");
                return raw;
            },
        });

        JsonElement body = JsonDocument.Parse(Assert.Single(_wire.Bodies)).RootElement;
        Assert.Equal(("of-the-route", "auto", "flex"), (body.GetProperty("model").GetString(), body.GetProperty("truncation").GetString(), body.GetProperty("service_tier").GetString()));
    }

    [Fact]
    public async Task A_fail_over_sends_each_provider_its_own_model()
    {
        using var failing = new Wire { Status = HttpStatusCode.ServiceUnavailable };
        using var client = new RoutedChatClient(
            Client(Api.Ollama, failing), Client(Api.Responses), new FakeRouter(0.9), new() { Threshold = 0.5, StrongModel = "llama", WeakModel = "gpt" });

        ChatResponse response = await client.AskAsync("hello", streaming: false, new() { ModelId = CallersString, RawRepresentationFactory = inner => inner is OllamaApiClient ? Raw(Api.Ollama, Place.Property)!(inner) : Raw(Api.Responses, Place.Property)!(inner) });

        Assert.Equal("weak", response.GetRouteOutcome()!.Route);
        Assert.Contains("\"model\":\"llama\"", Assert.Single(failing.Bodies));
        Assert.Contains("\"model\":\"gpt\"", Assert.Single(_wire.Bodies));
    }

    [Theory]
    [InlineData(Api.ChatCompletions)]
    [InlineData(Api.Responses)]
    [InlineData(Api.Ollama)]
    public async Task Neither_outcomes_of_earlier_turns_nor_settings_of_routing_reach_the_wire(Api api)
    {
        using var client = new RoutedChatClient(Client(api), TestChatClient.Answering("weak"), new FakeRouter(0.9), new() { Threshold = 0.5 });
        List<ChatMessage> history = [new(ChatRole.User, "hello")];
        foreach (bool streaming in new[] { false, true })
        {
            ChatResponse response = await client.AskAsync(history, streaming, new ChatOptions().SetRouter("fake").SetRoutingThreshold(0.1));
            history.AddMessages(response);
            history.Add(new(ChatRole.User, "again"));
        }

        Assert.Equal(2, _wire.Bodies.Count);
        Assert.All(_wire.Bodies, body => Assert.DoesNotContain("routellm", body, StringComparison.OrdinalIgnoreCase));
    }

    private static Func<IChatClient, object?>? Raw(Api api, Place place) => (api, place) switch
    {
        (_, Place.NotAtAll) => null,
        (Api.Ollama, Place.Property) => _ => new ChatRequest { Model = CallersString },
        (Api.Ollama, _) => _ => new ChatRequest(),
        (Api.Responses, Place.Property) => _ => new CreateResponseOptions { Model = CallersString },
        (Api.Responses, _) => _ => Patched(new CreateResponseOptions(), raw => ref raw.Patch, place),
        _ => _ => Patched(new ChatCompletionOptions(), raw => ref raw.Patch, place),
    };

    private delegate ref JsonPatch PatchOf<T>(T raw);

    private static T Patched<T>(T raw, PatchOf<T> patch, Place place)
    {
        switch (place)
        {
            case Place.Patch:
                patch(raw).Set("$.model"u8, CallersString);
                break;
            case Place.PatchByBrackets:
                patch(raw).Set("$['model']"u8, CallersString);
                break;
            case Place.PatchByOtherBrackets:
                patch(raw).Set("$[\"model\"]"u8, CallersString);
                break;
        }

        return raw;
    }

    private IChatClient Client(Api api, Wire? wire = null)
    {
        var http = new HttpClient(wire ?? _wire) { BaseAddress = new Uri("http://localhost") };
        var openAI = new OpenAIClient(new ApiKeyCredential("key"), new OpenAIClientOptions { Transport = new HttpClientPipelineTransport(http), Endpoint = new Uri("http://localhost/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        return api switch
        {
            Api.ChatCompletions => openAI.GetChatClient("of-the-client").AsIChatClient(),
            Api.Responses => openAI.GetResponsesClient().AsIChatClient("of-the-client"),
            _ => new OllamaApiClient(http, "of-the-client"),
        };
    }

    /// <summary>Answers as each of the providers would, and keeps what it was sent.</summary>
    private sealed class Wire : HttpMessageHandler
    {
        private const string Message = """{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]}""";
        private const string Response = """{"id":"r","object":"response","created_at":1,"status":"completed","model":"x","output":[MESSAGE],"parallel_tool_calls":true,"tools":[],"metadata":{}}""";

        public List<string> Bodies { get; } = [];

        public HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Bodies.Add(body);
            bool streaming = JsonDocument.Parse(body).RootElement.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean();
            string answer = (request.RequestUri!.AbsolutePath, streaming) switch
            {
                ("/api/chat", _) => """{"model":"x","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"hi"},"done":true}""" + "\n",
                ("/v1/responses", false) => Response.Replace("MESSAGE", Message),
                ("/v1/responses", true) => Events(
                    """{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"hi","sequence_number":0}""",
                    $$"""{"type":"response.completed","sequence_number":1,"response":{{Response.Replace("MESSAGE", "")}}}"""),
                (_, false) => """{"id":"c","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""",
                (_, true) => Events("""{"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"""),
            };
            return new(Status) { Content = new StringContent(answer, Encoding.UTF8, streaming ? "text/event-stream" : "application/json") };
        }

        private static string Events(params string[] events) => string.Concat(events.Select(json => $"data: {json}\n\n")) + "data: [DONE]\n\n";
    }
}
