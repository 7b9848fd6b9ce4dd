using System.Net;
using System.Net.Sockets;

namespace RouteLLM.Quickstart.Tests;

/// <summary>The same for an OpenAI-compatible endpoint and for Ollama.</summary>
public sealed class RealModelTests : IAsyncLifetime
{
    private const string OpenAI = "openai", Ollama = "ollama";

    private FakeModelServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeModelServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string[] Options(string protocol, string strong = FakeModelServer.Strong) =>
        protocol == OpenAI ? _server.OpenAIOptions(strong: strong) : _server.OllamaOptions(strong);

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task Each_prompt_reaches_the_model_of_its_route_and_the_answer_is_shown(string protocol)
    {
        SampleResult result = await SampleProcess.RunAsync(Options(protocol));

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Equal(["strong", "weak"], result.Routes.Distinct().Order());
        Assert.Equal(result.Routes.Select(route => route == "strong" ? FakeModelServer.Strong : FakeModelServer.Weak), _server.ModelsAsked);
        Assert.Equal(_server.ModelsAsked.Select(model => $"Answer of {model}"), result.Records.Select(record => record[5]));
        Assert.All(_server.Requests, request => Assert.True((bool?)request["stream"]));
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task The_cost_comes_from_the_tokens_that_the_provider_counted(string protocol)
    {
        SampleResult result = await SampleProcess.RunAsync([.. Options(protocol), "--threshold", "0", "--strong-price", "4/16", "--weak-price", "1/2", "one", "two", "three"]);

        // 3 x (1000 x 4 + 500 x 16) / 1,000,000
        Assert.Equal($"$0.036 instead of $0.036 with every prompt to {FakeModelServer.Strong}", result.Fact("cost"));
        Assert.StartsWith("0.0%", result.Fact("saving"), StringComparison.Ordinal);
        Assert.Equal("3,000 in, 1,500 out, as the provider counted them", result.Fact("tokens"));

        result = await SampleProcess.RunAsync([.. Options(protocol), "--strong-share", "0", "--strong-price", "4/16", "--weak-price", "1/2", "one"]);

        Assert.Equal($"$0.002 instead of $0.012 with every prompt to {FakeModelServer.Strong}", result.Fact("cost"));
        Assert.StartsWith("83.3%", result.Fact("saving"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_provider_counts_no_tokens_the_estimate_is_called_one()
    {
        _server.ReportsUsage = false;

        SampleResult result = await SampleProcess.RunAsync([.. _server.OpenAIOptions(), "--strong-share", "0", "12345678"]);

        // "Answer of small-model" has 21 bytes.
        Assert.Equal("2 in, 6 out, estimated as a quarter of the bytes for 1 of 1 answer, for which the provider reported none", result.Fact("tokens"));
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task When_the_strong_model_is_overloaded_the_weak_one_answers_and_the_report_says_so(string protocol)
    {
        _server.Refuse = (model, _) => model == FakeModelServer.Strong ? HttpStatusCode.TooManyRequests : null;

        SampleResult result = await SampleProcess.RunAsync([.. Options(protocol), "--threshold", "0", "one", "two"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["weak", "weak"], result.Routes);
        Assert.Equal([FakeModelServer.Strong, FakeModelServer.Weak, FakeModelServer.Strong, FakeModelServer.Weak], _server.ModelsAsked);
        Assert.All(result.Records, record => Assert.StartsWith("[strong failed: ", record[5], StringComparison.Ordinal));
        Assert.StartsWith("2 of 2 answers", result.Fact("failed over"), StringComparison.Ordinal);
        Assert.DoesNotContain(FakeModelServer.Key, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_that_is_refused_does_not_keep_the_others_from_being_answered()
    {
        _server.Refuse = (_, prompt) => prompt == "bad" ? HttpStatusCode.BadRequest : null;

        SampleResult result = await SampleProcess.RunAsync([.. _server.OpenAIOptions(), "good", "bad", "fine"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("failed", result.Records[1][1]);
        Assert.Contains("says 400", result.Records[1][5], StringComparison.Ordinal);
        Assert.DoesNotContain("failed", result.Records[2][1], StringComparison.Ordinal);
        Assert.StartsWith("1 of 3 prompts", result.Fact("failed"), StringComparison.Ordinal);
        Assert.DoesNotContain(FakeModelServer.Key, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_ends_the_run_and_is_never_shown()
    {
        const string WrongKey = "sk-wrong-abcdef";

        SampleResult result = await SampleProcess.RunAsync([.. _server.OpenAIOptions(WrongKey), "one", "two"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Records);
        Assert.Contains("Incorrect API key provided: ***", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(WrongKey, result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task A_model_that_the_server_lacks_ends_the_run_with_advice(string protocol)
    {
        SampleResult result = await SampleProcess.RunAsync([.. Options(protocol, "no-such-model"), "--threshold", "0", "one", "two"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Records);
        Assert.Contains("have the models no-such-model and small-model", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task An_address_where_nobody_listens_ends_the_run_with_advice(string protocol)
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        string address = $"http://127.0.0.1:{((IPEndPoint)unused.LocalEndpoint).Port}";
        unused.Stop();
        string[] options = protocol == OpenAI ? ["--endpoint", $"{address}/v1", "--api-key", "k"] : ["--ollama", address];

        SampleResult result = await SampleProcess.RunAsync([.. options, "--strong-model", "a", "--weak-model", "b", "one", "two"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Records);
        Assert.Contains($"Is {address}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_in_the_environment_is_called()
    {
        SampleResult result = await SampleProcess.RunAsync(
            ["--threshold", "0", "one"],
            null,
            ("OPENAI_BASE_URL", _server.OpenAIEndpoint),
            ("OPENAI_API_KEY", FakeModelServer.Key),
            ("STRONG_MODEL", FakeModelServer.Strong),
            ("WEAK_MODEL", FakeModelServer.Weak));

        Assert.Equal($"called at {_server.OpenAIEndpoint}", result.Fact("models"));
        Assert.Equal([FakeModelServer.Strong], _server.ModelsAsked);
        Assert.DoesNotContain(FakeModelServer.Key, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_Ollama_server_in_the_environment_is_called_unless_offline_is_asked_for()
    {
        (string, string)[] environment = [("OLLAMA_HOST", _server.Address["http://".Length..]), ("STRONG_MODEL", FakeModelServer.Strong), ("WEAK_MODEL", FakeModelServer.Weak)];

        await SampleProcess.RunAsync(["--strong-share", "0", "one"], null, environment);
        SampleResult offline = await SampleProcess.RunAsync(["--offline", "two"], null, environment);

        Assert.Equal([FakeModelServer.Weak], _server.ModelsAsked);
        Assert.StartsWith("offline stand-ins: no model is called", offline.Fact("models"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task The_answer_is_shown_while_it_arrives(string protocol)
    {
        var mayGoOn = new TaskCompletionSource();
        _server.AfterFirstPiece = cancellationToken => mayGoOn.Task.WaitAsync(cancellationToken);
        await using SampleProcess process = await SampleProcess.StartAsync([.. Options(protocol), "one"]);

        await process.ReadOutputUntilAsync("Answer of");
        mayGoOn.SetResult();
        SampleResult result = await process.WaitAsync();

        Assert.StartsWith("Answer of ", result.Records[0][5], StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Ollama)]
    public async Task Ctrl_C_in_the_middle_of_an_answer_ends_the_run_and_hangs_up(string protocol)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT to send to another process.");
        var hungUp = new TaskCompletionSource();
        _server.AfterFirstPiece = async cancellationToken =>
        {
            if (_server.Requests.Count == 2)
            {
                cancellationToken.Register(hungUp.SetResult);
                await hungUp.Task;
            }
        };
        await using SampleProcess process = await SampleProcess.StartAsync([.. Options(protocol), "one", "two", "three"]);

        await process.ReadOutputUntilAsync("two\tAnswer of");
        await process.InterruptAsync();
        SampleResult result = await process.WaitAsync();
        Assert.Equal(130, result.ExitCode);
        Assert.Equal("interrupted", result.Error.Trim());
        Assert.Equal(2, result.Records.Count);
        Assert.Contains("of 1 prompt", result.Fact("strong share"), StringComparison.Ordinal);
        await hungUp.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
