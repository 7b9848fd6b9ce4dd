namespace RouteLLM.Reporting.Tests;

/// <summary>The README's examples that need this package, as they stand there. They write to the current folder, which is the whole process's.</summary>
[CollectionDefinition(nameof(ReadmeExamples), DisableParallelization = true)]
[Collection(nameof(ReadmeExamples))]
public sealed class ReadmeExamples : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _folder.Dispose();
    }

    [Fact]
    public async Task See_it()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync(), other = await Evaluations.CreateAsync("dull", noise: 0.9);
        Environment.CurrentDirectory = _folder[""];
#pragma warning disable xUnit1051 // A reader has no test to cancel.

        HtmlReport.Save("report.html", [evaluation, other]);
        EvaluationPlots.CostQuality([evaluation, other]).SavePng("cost-quality.png", 900, 560);
        EvaluationPlots.WinProbabilities(evaluation).SaveSvg("win-probabilities.svg", 900, 560);
        EvaluationPlots.Reliability(evaluation).SavePng("reliability.png", 900, 560);

        Assert.All(["report.html", "cost-quality.png", "win-probabilities.svg", "reliability.png"], name => Assert.True(new FileInfo(_folder[name]).Length > 1000));
    }
}
