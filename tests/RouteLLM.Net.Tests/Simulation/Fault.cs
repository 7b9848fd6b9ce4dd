namespace RouteLLM.Tests.Simulation;

/// <summary>What a call of a simulated provider does.</summary>
internal enum Fault
{
    None,
    Throttled,
    ServerError,
    Refused,
    Malformed,
    Hang,
    DeafHang,
    BadRequest,
    Reset,
    MalformedMidStream,
    HangMidStream,
}
