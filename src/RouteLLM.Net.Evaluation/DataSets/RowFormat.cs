namespace RouteLLM.Evaluation;

/// <summary>How a file of rows is written down.</summary>
public enum RowFormat
{
    /// <summary>One JSON object a line, UTF-8.</summary>
    JsonLines,

    /// <summary>One JSON array of objects, which is read into memory as a whole.</summary>
    JsonArray,

    /// <summary>Comma-separated values with a header (RFC 4180), UTF-8.</summary>
    Csv,

    /// <summary>Apache Parquet, read a row group at a time.</summary>
    Parquet,
}
