using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class SavingsCommandTests
{
    private static readonly string[] s_traffic = ["savings", "--requests", "1000000", "--prices", "strong=2/8,weak=0.1/0.4", "--input-tokens", "500", "--output-tokens", "300"];

    [Fact]
    public async Task One_share_is_one_line()
    {
        ToolResult result = await Tool.RunAsync([.. s_traffic, "--share", "0.3"]);

        // $0.0034 a request at the strong model, $0.00017 at the weak one.
        Assert.Equal(new ToolResult(0, "strong share\tUSD a month\tsaved a month\tsaved\n30 %\t1,139.00\t2,261.00\t66.5 %\n", ""), result);
    }

    [Fact]
    public async Task Without_a_share_it_is_a_table_and_json_has_the_numbers()
    {
        ToolResult result = await Tool.RunAsync([.. s_traffic, "--json", "-"]);

        JsonElement json = JsonSerializer.Deserialize<JsonElement>(result.Output);
        Assert.Equal((0.0034, 3400, 170), (json.GetProperty("strong_usd_per_request").GetDouble(), json.GetProperty("strong_only_usd_a_month").GetDouble(), json.GetProperty("weak_only_usd_a_month").GetDouble()));
        JsonElement[] shares = [.. json.GetProperty("shares").EnumerateArray()];
        Assert.Equal(11, shares.Length);
        Assert.Equal(0.95, shares[0].GetProperty("saving").GetDouble(), 12);
        Assert.Equal(0, shares[10].GetProperty("saved_usd_a_month").GetDouble(), 9);
    }

    [Theory]
    [InlineData("required", "savings", "--prices", "strong=1/1,weak=1/1")]
    [InlineData("--requests is 'many'", "savings", "--requests", "many")]
    [InlineData("--requests is '0'", "savings", "--requests", "0")]
    [InlineData("Give --prices of both models", "savings", "--requests", "10", "--prices", "strong=1/1", "--input-tokens", "1", "--output-tokens", "1")]
    [InlineData("Give --prices of both models", "savings", "--requests", "10", "--prices", "strong=1/1,weak=1/1")]
    [InlineData("--prices has 'strong=1'", "savings", "--requests", "10", "--prices", "strong=1,weak=1/1", "--input-tokens", "1", "--output-tokens", "1")]
    [InlineData("--prices has a price of 'gpt'", "savings", "--requests", "10", "--prices", "gpt=1/1", "--input-tokens", "1", "--output-tokens", "1")]
    [InlineData("two prices of 'weak'", "savings", "--requests", "10", "--prices", "weak=1/1", "weak=1/2", "--input-tokens", "1", "--output-tokens", "1")]
    [InlineData("--cached-tokens is more", "savings", "--requests", "10", "--input-tokens", "1", "--output-tokens", "1", "--cached-tokens", "2")]
    [InlineData("both, or neither", "savings", "--requests", "10", "--input-tokens", "1")]
    [InlineData("--share is '30'", "savings", "--requests", "10", "--share", "30")]
    public async Task A_wrong_command_line_is_said_to_be(string problem, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(args);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Contains("routellm savings --help", result.Error, StringComparison.Ordinal);
    }
}
