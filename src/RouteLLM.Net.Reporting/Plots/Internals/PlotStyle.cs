using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace RouteLLM.Reporting;

/// <summary>How pictures look: quiet axes, and colours that the colour-blind can tell apart (Okabe and Ito, 2008).</summary>
internal static class PlotStyle
{
    private static readonly Color[] s_colors = [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9" }.Select(Color.FromHex)];

    // ScottPlot's own choice falls back to whichever font comes first, with serifs or not.
    private static readonly string s_font = new[] { "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans" }.Intersect(SKFontManager.Default.FontFamilies).FirstOrDefault() ?? Fonts.Default;

    public static Color Ink { get; } = Color.FromHex("#22272E");

    public static Color Quiet { get; } = Color.FromHex("#6E7781");

    public static Color Strong { get; } = s_colors[1];

    public static Color Weak { get; } = s_colors[0];

    public static Color Of(int series) => s_colors[series % s_colors.Length];

    public static Plot Create(string title, string horizontal, string vertical)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;

        // Room for the last label of the axis below.
        plot.Axes.Right.MinimumSize = 28;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Color.FromHex("#E6E8EB");
        plot.Font.Set(s_font);
        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.FontSize = 17;
        plot.Axes.Bottom.Label.Text = horizontal;
        plot.Axes.Left.Label.Text = vertical;
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.FontSize = 14;
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = 13;
        }

        plot.Legend.FontSize = 13;
        plot.Legend.SymbolWidth = 26;
        plot.Legend.OutlineColor = Color.FromHex("#D0D4D9");
        plot.Legend.ShadowColor = Colors.Transparent;
        return plot;
    }

    public static NumericAutomatic Percents() => new() { LabelFormatter = static value => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0}%") };

    public static void Label(Text label, Alignment alignment)
    {
        label.LabelFontSize = 13;
        label.LabelFontColor = Ink;
        label.LabelAlignment = alignment;
    }
}
