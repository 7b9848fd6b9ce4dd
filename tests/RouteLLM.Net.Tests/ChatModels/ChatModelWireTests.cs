using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.ChatModels;

/// <summary>What routers that ask a chat model send and read through OpenAI's own client.</summary>
public sealed class ChatModelWireTests : IDisposable
{
    private readonly Wire _wire = new();

    public void Dispose() => _wire.Dispose();

    [Fact]
    public async Task The_judge_asks_for_its_schema_and_reads_the_answer()
    {
        _wire.Answer = """{"id":"1","object":"chat.completion","created":1,"model":"tiny-2026","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"{\"difficulty\":8}","refusal":null}}],"usage":{"prompt_tokens":300,"completion_tokens":6,"total_tokens":306}}""";
        var router = new JudgeRouter(Client());

        Assert.Equal(0.62, await router.ScoreAsync("prove it"));

        JsonElement body = JsonDocument.Parse(Assert.Single(_wire.Bodies)).RootElement;
        JsonElement format = body.GetProperty("response_format");
        Assert.Equal("json_schema", format.GetProperty("type").GetString());
        Assert.Equal("difficulty", format.GetProperty("json_schema").GetProperty("name").GetString());
        Assert.Equal(["difficulty"], format.GetProperty("json_schema").GetProperty("schema").GetProperty("required").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal("tiny", body.GetProperty("model").GetString());
        Assert.False(body.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean());
        Assert.Equal((300L, 6L), (router.Usage.Tokens.InputTokenCount, router.Usage.Tokens.OutputTokenCount));
    }

    [Fact]
    public async Task Log_probabilities_are_asked_for_and_read_as_documented()
    {
        _wire.Answer = $$$"""{"id":"1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Paris","refusal":null},"logprobs":{"content":[{"token":"Par","logprob":{{{Math.Log(0.9):R}}},"bytes":null,"top_logprobs":[]},{"token":"is","logprob":{{{Math.Log(0.4):R}}},"bytes":null,"top_logprobs":[]}],"refusal":null}}]}""";

        Assert.Equal(1 - Math.Sqrt(0.36), await new UncertaintyRouter(Client(), FromOpenAI()).ScoreAsync("capital of France?"), 1e-6);

        JsonElement body = JsonDocument.Parse(Assert.Single(_wire.Bodies)).RootElement;
        Assert.True(body.GetProperty("logprobs").GetBoolean());
        Assert.Equal((1, 48), (body.GetProperty("temperature").GetDouble(), body.GetProperty("max_completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_provider_that_gives_no_log_probabilities_is_sampled()
    {
        _wire.Answer = """{"id":"1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Paris","refusal":null},"logprobs":null}]}""";
        Assert.Equal(0, await new UncertaintyRouter(Client(), FromOpenAI()).ScoreAsync("capital of France?"));
        Assert.Equal(4, _wire.Bodies.Count);
    }

    private static UncertaintyRouterOptions FromOpenAI() => new()
    {
        ConfigureOptions = static options => options.RawRepresentationFactory = static _ => new ChatCompletionOptions { IncludeLogProbabilities = true },
        LogProbabilities = static response => (response.RawRepresentation as ChatCompletion)?.ContentTokenLogProbabilities.Select(static token => (double)token.LogProbability).ToList(),
    };

    private IChatClient Client() => new ChatClient(
        "tiny", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri("http://localhost/v1"), Transport = new HttpClientPipelineTransport(new HttpClient(_wire, disposeHandler: false)) }).AsIChatClient();

    private sealed class Wire : HttpMessageHandler
    {
        private readonly List<string> _bodies = [];

        public string Answer { get; set; } = "";

        public IReadOnlyList<string> Bodies
        {
            get
            {
                lock (_bodies)
                {
                    return [.. _bodies];
                }
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            lock (_bodies)
            {
                _bodies.Add(body);
            }

            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answer, Encoding.UTF8, "application/json") };
        }
    }
}
