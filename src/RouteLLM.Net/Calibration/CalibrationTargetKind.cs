using System.Text.Json.Serialization;

namespace RouteLLM;

/// <summary>What a threshold is calibrated to.</summary>
public enum CalibrationTargetKind
{
    /// <summary>A share of requests for the strong model.</summary>
    [JsonStringEnumMemberName("strong-share")]
    StrongShare,

    /// <summary>A cost per request, which may come from a monthly budget.</summary>
    [JsonStringEnumMemberName("cost")]
    Cost,

    /// <summary>A part of the strong model's quality, kept with a confidence.</summary>
    [JsonStringEnumMemberName("quality")]
    Quality,
}
