using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Baselines;

public class DelegateRouterTests
{
    [Fact]
    public async Task A_function_of_the_prompt_scores_it() =>
        Assert.Equal(0.5, await new DelegateRouter(static prompt => prompt.Length / 10.0).ScoreAsync("12345"));

    [Fact]
    public async Task A_function_of_the_request_sees_all_of_it_and_the_token_and_may_be_asynchronous()
    {
        using var source = new CancellationTokenSource();
        var request = new RouteRequest([new ChatMessage(ChatRole.User, "hi")], new ChatOptions { Temperature = 0.5f }) { IsStreaming = true };
        var router = new DelegateRouter(async (seen, token) =>
        {
            await Task.Yield();
            Assert.Same(request, seen);
            Assert.Equal(source.Token, token);
            return seen.Options!.Temperature!.Value;
        });
        Assert.Equal(0.5, await router.PredictWinProbabilityAsync(request, source.Token));
    }

    [Fact]
    public async Task An_exception_surfaces_where_the_prediction_is_awaited()
    {
        Task<double> prediction = new DelegateRouter(static (string _) => throw new FormatException()).ScoreAsync("hi");
        await Assert.ThrowsAsync<FormatException>(async () => await prediction);
    }

    [Fact]
    public async Task What_the_delegate_answers_is_passed_on_unchecked() =>
        Assert.Equal(double.NaN, await new DelegateRouter(static _ => double.NaN).ScoreAsync("hi"));

    [Fact]
    public async Task A_cancelled_call_does_not_reach_the_delegate()
    {
        var router = new DelegateRouter(static (string _) => throw new FormatException());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("hi", new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_name_fits_into_a_model_string()
    {
        Assert.Equal("my-rule", new DelegateRouter(static _ => 0, "my-rule").GetService<RouterMetadata>()!.Name);
        var exception = Assert.Throws<ArgumentException>(static () => new DelegateRouter(static _ => 0, "my rule"));
        Assert.Contains("'my rule'", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => new DelegateRouter(static _ => 0, ""));
    }

    [Fact]
    public void A_delegate_is_needed()
    {
        Assert.Throws<ArgumentNullException>(static () => new DelegateRouter((Func<string, double>)null!));
        Assert.Throws<ArgumentNullException>(static () => new DelegateRouter((Func<RouteRequest, CancellationToken, ValueTask<double>>)null!));
    }
}
