using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RouteLLM.Reporting;

/// <summary>A report on routers as one HTML file: curves with a slider for the threshold, histogram, reliability diagram, tables, and example prompts on either side of the threshold.</summary>
/// <remarks>
/// The file is whole in itself: no network, no build step, no other file. The prompts in it come from anywhere, so they are only ever text: they stand in the file as JSON without a character that HTML knows, the page writes them
/// as text nodes, and a content security policy lets no script run but the report's own and nothing be fetched.
/// </remarks>
public static partial class HtmlReport
{
    /// <summary>Makes a report.</summary>
    /// <param name="evaluations">The evaluations, of the same models on the same rows; at least one. The others are compared with the first.</param>
    /// <param name="options">What the report holds; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The HTML.</returns>
    /// <exception cref="EvaluationException">The evaluations do not belong together.</exception>
    /// <exception cref="ArgumentException">There is no evaluation, or the options are wrong.</exception>
    public static string Create(IReadOnlyList<RouterEvaluation> evaluations, HtmlReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        options.Validate();
        EvaluationSet.Require(evaluations);
        ReportData data = ReportDataBuilder.Build(evaluations, options, cancellationToken);
        string style = Asset("report.css"), script = Asset("report.js");
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = WebUtility.HtmlEncode(data.Title),
            ["style"] = style,
            ["styleHash"] = Hash(style),
            ["script"] = script,
            ["scriptHash"] = Hash(script),
            ["data"] = JsonSerializer.Serialize(data, ReportJsonContext.Safe.ReportData),
        };

        // In one pass, so that nothing in the parts is taken for a place to fill in.
        return Place().Replace(Asset("report.html"), place => parts[place.Groups[1].Value]);
    }

    /// <summary>Makes a report and writes it to a file.</summary>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="evaluations">The evaluations, as for <see cref="Create"/>.</param>
    /// <param name="options">What the report holds; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="EvaluationException">The evaluations do not belong together.</exception>
    public static void Save(string path, IReadOnlyList<RouterEvaluation> evaluations, HtmlReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllText(path, Create(evaluations, options, cancellationToken));
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Place();

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // A browser hashes what it read, in which every line ends in a line feed.
    private static string Asset(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
