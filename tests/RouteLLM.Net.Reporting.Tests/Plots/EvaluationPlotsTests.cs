using System.Xml.Linq;
using ScottPlot;
using ScottPlot.Plottables;

namespace RouteLLM.Reporting.Tests.Plots;

public class EvaluationPlotsTests
{
    [Fact]
    public async Task Every_picture_is_a_png_of_the_size_asked_for_and_a_well_formed_svg()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        foreach (Plot plot in new[] { EvaluationPlots.CostQuality([evaluation]), EvaluationPlots.WinProbabilities(evaluation), EvaluationPlots.Reliability(evaluation) })
        {
            byte[] png = plot.GetImageBytes(640, 400, ImageFormat.Png);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
            Assert.Equal((640, 400), ((png[18] << 8) | png[19], (png[22] << 8) | png[23]));
            Assert.Equal("svg", XDocument.Parse(plot.GetSvgXml(640, 400)).Root!.Name.LocalName);
        }
    }

    [Fact]
    public async Task Curves_run_from_the_weak_model_to_the_strong_one_over_the_cost_or_the_strong_share()
    {
        RouterEvaluation first = await Evaluations.CreateAsync(), second = await Evaluations.CreateAsync("dull", noise: 0.9);
        EvaluationSlice overall = first.Overall;

        Scatter overCost = Line(EvaluationPlots.CostQuality([first, second]), "sharp");
        Assert.Equal((overall.WeakCost!.Value * 1000, overall.WeakQuality), Ends(overCost).First);
        Assert.Equal((overall.StrongCost!.Value * 1000, overall.StrongQuality), Ends(overCost).Last);

        Plot plot = EvaluationPlots.CostQuality([first, second], new PlotOptions { Axis = CurveAxis.StrongShare });
        Assert.Equal(((0, overall.WeakQuality), (1, overall.StrongQuality)), Ends(Line(plot, "sharp")));
        Assert.Equal(((0, overall.WeakQuality), (1, overall.StrongQuality)), Ends(Line(plot, "random on average")));
        Assert.Equal(overall.OracleQuality, Line(plot, "oracle").Data.GetScatterPoints().Max(static point => point.Y), 12);
        Assert.Equal(2, plot.GetPlottables<FillY>().Count());
        Assert.Empty(EvaluationPlots.CostQuality([first], new PlotOptions { ShowBands = false }).GetPlottables<FillY>());
        Assert.Equal([Evaluations.Weak, Evaluations.Strong], plot.GetPlottables<Text>().Select(static text => text.LabelText));
    }

    [Fact]
    public async Task Without_costs_the_strong_share_runs_along_the_axis()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync(hasCosts: false);

        Assert.Equal(1, Ends(Line(EvaluationPlots.CostQuality([evaluation]), "sharp")).Last.X);
    }

    [Fact]
    public async Task The_histogram_counts_every_prompt_and_bins_meet_at_the_threshold()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        Plot plot = EvaluationPlots.WinProbabilities(evaluation);

        Bar[] bars = [.. plot.GetPlottables<BarPlot>().Single().Bars];
        Assert.Equal(evaluation.Overall.Rows, bars.Sum(static bar => bar.Value));
        Assert.Equal(evaluation.Threshold, plot.GetPlottables<VerticalLine>().Single().X);
        Color strong = bars[^1].FillColor, weak = bars[0].FillColor;
        Assert.NotEqual(strong, weak);
        Assert.Equal(evaluation.Overall.AtThreshold(evaluation.Threshold).StrongShare, bars.Where(bar => bar.FillColor == strong).Sum(static bar => bar.Value) / evaluation.Overall.Rows, 12);
    }

    [Fact]
    public async Task The_reliability_diagram_has_a_dot_for_every_bin_that_holds_predictions_inside_its_interval()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        Plot plot = EvaluationPlots.Reliability(evaluation);

        CalibrationBin[] bins = [.. evaluation.Overall.CalibrationBins.Where(static bin => bin.Count > 0)];
        Assert.Equal(bins.Select(static bin => (bin.MeanPrediction, bin.MeanOutcome)), plot.GetPlottables<Marker>().Select(static marker => (marker.X, marker.Y)));
        Assert.All(ReliabilityPoint.Create(bins), static point => Assert.True(point.Low >= 0 && point.Low <= point.Outcome && point.Outcome <= point.High && point.High <= 1));

        // Wilson's interval for 8 of 10, from the formula by hand.
        ReliabilityPoint known = ReliabilityPoint.Create([new CalibrationBin(0, 1, 10, 0.7, 0.8)]).Single();
        Assert.Equal((0.4902, 0.9433), (Math.Round(known.Low, 4), Math.Round(known.High, 4)));
    }

    [Fact]
    public async Task A_slice_of_its_own_is_shown_when_asked_for()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync();
        var options = new PlotOptions { Slice = "set/hard" };

        Assert.Equal(evaluation.FindSlice("set/hard")!.StrongQuality, Ends(Line(EvaluationPlots.CostQuality([evaluation], options), "sharp")).Last.Y);
        Assert.Contains("set/hard", EvaluationPlots.WinProbabilities(evaluation, options).Axes.Title.Label.Text, StringComparison.Ordinal);
        Assert.Contains("has no slice \"set/none\"; it has overall, set, set/easy, set/hard", Assert.Throws<EvaluationException>(() => EvaluationPlots.Reliability(evaluation, new PlotOptions { Slice = "set/none" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_drawn_together_or_at_all_is_refused()
    {
        RouterEvaluation evaluation = await Evaluations.CreateAsync(), rated = await Evaluations.CreateRatedAsync();
        RouterEvaluation fewer = await Evaluations.CreateAsync(new FixedRouter(0.5), Evaluations.Rows(true)[..50]);

        Assert.Throws<ArgumentException>(() => EvaluationPlots.CostQuality([]));
        Assert.Contains("200 rows", Assert.Throws<EvaluationException>(() => EvaluationPlots.CostQuality([evaluation, fewer])).Message, StringComparison.Ordinal);
        Assert.Contains("no curve to draw", Assert.Throws<EvaluationException>(() => EvaluationPlots.CostQuality([rated])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public async Task A_router_that_says_the_same_of_every_prompt_and_a_single_prompt_can_be_drawn(double probability)
    {
        RouterEvaluation same = await Evaluations.CreateAsync(new FixedRouter(probability), Evaluations.Rows(true)), single = await Evaluations.CreateAsync(new FixedRouter(probability), Evaluations.Rows(true)[..1]);
        foreach (RouterEvaluation evaluation in new[] { same, single })
        {
            Assert.NotEmpty(EvaluationPlots.CostQuality([evaluation]).GetImageBytes(300, 200, ImageFormat.Png));
            Assert.NotEmpty(EvaluationPlots.WinProbabilities(evaluation).GetImageBytes(300, 200, ImageFormat.Png));
            Assert.NotEmpty(EvaluationPlots.Reliability(evaluation).GetImageBytes(300, 200, ImageFormat.Png));
            Assert.Equal(evaluation.Overall.Rows, ScoreHistogram.Create(evaluation.Overall.EvaluatedRows.Select(static row => row.WinProbability)).Counts.Sum());
        }
    }

    private static Scatter Line(Plot plot, string name) => plot.GetPlottables<Scatter>().Single(line => line.LegendText.Split(',')[0] == name);

    private static ((double X, double Y) First, (double X, double Y) Last) Ends(Scatter line)
    {
        IReadOnlyList<Coordinates> points = line.Data.GetScatterPoints();
        return ((points[0].X, points[0].Y), (points[^1].X, points[^1].Y));
    }
}
