using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace RouteLLM.Tests;

public class RouterModelIdTests
{
    /// <summary>What RouteLLM reads and this library does not, and why.</summary>
    private static readonly Dictionary<string, string> s_stricter = new()
    {
        ["router-mf-1e-1"] = "no exponents",
        ["router-mf- 0.5 "] = "no blanks",
        ["router-mf-\uFF10.\uFF15"] = "no full-width digits",
        ["routerX-mf-0.5"] = "the prefix is the whole word",
    };

    [Fact]
    public void It_reads_what_the_reference_reads_but_for_what_is_listed_here()
    {
        foreach (JsonElement entry in JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "parse.json"))).RootElement.EnumerateArray())
        {
            string model = entry.GetProperty("model").GetString()!;
            bool parsed = RouterModelId.TryParse(model, out RouterModelId id) && id.Router is "mf" or "sw_ranking" or "bert";
            if (entry.TryGetProperty("value", out JsonElement value) && !s_stricter.ContainsKey(model))
            {
                Assert.True(parsed, model);
                Assert.Equal(value.GetProperty("router").GetString(), id.Router);
                Assert.Equal(value.GetProperty("threshold").GetDouble(), id.Threshold);
            }
            else
            {
                Assert.False(parsed, model);
            }
        }
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.String[Gen.Char["abcxyz019_-. 漢"], 1, 12], Gen.Int[0, 100_000]).Sample((router, steps) =>
        {
            var id = new RouterModelId(router, steps / 100_000.0);
            Assert.True(RouterModelId.TryParse(id.ToString(), out RouterModelId read));
            Assert.Equal(id, read);
        });

    [Fact]
    public void Any_text_is_read_as_a_router_and_a_threshold_or_not_at_all() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "router-" + text), Gen.Select(Gen.String, Gen.Double).Select((text, number) => $"router-{text}-{number.ToString(CultureInfo.InvariantCulture)}"))
            .Sample(text =>
            {
                if (RouterModelId.TryParse(text, out RouterModelId id))
                {
                    Assert.StartsWith($"router-{id.Router}-", text);
                    Assert.NotEmpty(id.Router);
                    Assert.InRange(id.Threshold, 0, 1);
                    Assert.All(text[(text.LastIndexOf('-') + 1)..], c => Assert.True(char.IsAsciiDigit(c) || c == '.'));
                }
            });
}
