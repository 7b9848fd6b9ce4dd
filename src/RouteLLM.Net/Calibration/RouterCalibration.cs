using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>A threshold that was calibrated on data, with what it is for: the content of a <c>calibration.json</c>.</summary>
/// <remarks>
/// It belongs to one router, as its artifact makes it, for one pair of models; <see cref="ThresholdPolicy"/> refuses it for another. Set it as <see cref="TwoModelRoutingOptions.Calibration"/>, or name the file in a configuration's <c>Calibration</c>.
/// Properties that are not known are skipped when it is read.
/// </remarks>
public sealed record RouterCalibration
{
    private const int CurrentVersion = 1;

    // A calibration is for people and tools to read, not to be put in a page: nothing but what JSON demands is escaped.
    private static readonly JsonTypeInfo<RouterCalibration> s_type = (JsonTypeInfo<RouterCalibration>)new CalibrationJsonContext(
        new JsonSerializerOptions(CalibrationJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).GetTypeInfo(typeof(RouterCalibration))!;

    /// <summary>Gets the version of the format, 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Gets the router that the threshold belongs to.</summary>
    public required CalibratedRouter Router { get; init; }

    /// <summary>Gets what was asked for.</summary>
    public required CalibrationTarget Target { get; init; }

    /// <summary>Gets how the threshold was found.</summary>
    public required string Method { get; init; }

    /// <summary>Gets a value indicating whether the data support what was asked for. If not, the threshold is 0 and every request goes to the strong model; <see cref="Notes"/> say why.</summary>
    public bool IsSupported { get; init; } = true;

    /// <summary>Gets the threshold for all requests, and what it does on the data.</summary>
    public required CalibrationPoint Chosen { get; init; }

    /// <summary>Gets the property whose values are the groups, such as <c>lang</c>, or <see langword="null"/> if there are none.</summary>
    public string? GroupedBy { get; init; }

    /// <summary>Gets the thresholds of groups of requests, by the group's name; a request of another group, or of none, has that of <see cref="Chosen"/>.</summary>
    public IReadOnlyDictionary<string, CalibrationGroup> Groups { get; init; } = new Dictionary<string, CalibrationGroup>();

    /// <summary>Gets what other thresholds would do, in ascending order of the threshold; <see cref="Chosen"/> is among them.</summary>
    public IReadOnlyList<CalibrationPoint> Table { get; init; } = [];

    /// <summary>Gets the name of the strong model in the data and the prices, or <see langword="null"/> if they name none.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the name of the weak model in the data and the prices, or <see langword="null"/> if they name none.</summary>
    public string? WeakModel { get; init; }

    /// <summary>Gets how many rows were calibrated on.</summary>
    public int Rows { get; init; }

    /// <summary>Gets the files that the rows came from.</summary>
    public IReadOnlyList<CalibrationData> Data { get; init; } = [];

    /// <summary>Gets when it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets what should be known when using it, in sentences; most often nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Reads a calibration file.</summary>
    /// <param name="path">The file; a relative path is one from the process's working directory.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidCalibrationException">The file is not a calibration.</exception>
    public static RouterCalibration Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads a calibration from JSON.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="InvalidCalibrationException">The text is not a calibration.</exception>
    public static RouterCalibration Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Read(System.Text.Encoding.UTF8.GetBytes(json), "the calibration");
    }

    /// <summary>Gives the threshold for a request.</summary>
    /// <param name="group">The request's group, or <see langword="null"/>.</param>
    /// <returns>The group's threshold, or the one for all requests if the group has none of its own.</returns>
    public double ThresholdFor(string? group = null) => group is not null && Groups.TryGetValue(group, out CalibrationGroup? own) ? own.Point.Threshold : Chosen.Threshold;

    /// <summary>Makes sure that the calibration belongs to a router.</summary>
    /// <param name="router">The router.</param>
    /// <exception cref="InvalidCalibrationException">It belongs to another router, another artifact or another pair of models.</exception>
    public void ThrowIfNotFor(IRouter router)
    {
        if (FindMismatch(router) is { } mismatch)
        {
            throw new InvalidCalibrationException(mismatch);
        }
    }

    /// <summary>Writes the calibration as JSON.</summary>
    /// <returns>The JSON, indented; thresholds that are infinite are the text <c>"Infinity"</c>.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, s_type);

    /// <summary>Saves the calibration to a file, which is there whole or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            File.WriteAllText(temporary, ToJson() + "\n");
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Says why the calibration is not for a router, or gives <see langword="null"/> if it is.</summary>
    internal string? FindMismatch(IRouter router)
    {
        CalibratedRouter actual = CalibratedRouter.Of(router);
        return Router.Matches(actual)
            ? null
            : $"The calibration of {Created.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} belongs to the router {Router}, but is used with {actual}: a threshold means nothing to another router, artifact or pair. Use the router it was made with, or calibrate this one.";
    }

    private static RouterCalibration Read(byte[] json, string name)
    {
        RouterCalibration? calibration;
        try
        {
            // A byte order mark, which editors leave behind, is no JSON.
            calibration = JsonSerializer.Deserialize(json.AsSpan(json.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0), s_type);
        }
        catch (JsonException error)
        {
            throw new InvalidCalibrationException($"{name} is not a calibration: {error.Message} Write one with 'routellm calibrate', or with RouterCalibration.Save.", error);
        }

        return calibration?.FindError() is null && calibration is not null
            ? calibration
            : throw new InvalidCalibrationException($"{name} is not a valid calibration: {calibration?.FindError() ?? "it is null"}. Calibrate again.");
    }

    private string? FindError()
    {
        if (Version != CurrentVersion)
        {
            return $"its version is {Version}, but this library reads version {CurrentVersion}";
        }

        if (Router.Name.Length == 0)
        {
            return "its router has no name";
        }

        foreach ((string name, CalibrationPoint? point) in Groups.Select(static group => ($"the group '{group.Key}'", (CalibrationPoint?)group.Value?.Point)).Prepend(("the chosen point", Chosen)))
        {
            if (point is null)
            {
                return $"{name} is null";
            }

            if (!(point.Threshold >= 0) || point.StrongShare is not (>= 0 and <= 1))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{name} has the threshold {point.Threshold} and the strong share {point.StrongShare}, but a threshold is at least 0 and a share lies in [0, 1]");
            }
        }

        return Target.FindError();
    }
}
