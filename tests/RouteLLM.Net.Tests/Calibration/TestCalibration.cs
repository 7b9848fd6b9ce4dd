namespace RouteLLM.Tests.Calibration;

internal static class TestCalibration
{
    public static RouterCalibration Of(IRouter router, double threshold, params (string Group, double Threshold)[] groups) => new()
    {
        Router = CalibratedRouter.Of(router),
        Target = CalibrationTarget.ForStrongShare(0.3),
        Method = "test",
        Chosen = new CalibrationPoint(threshold, 0.3),
        GroupedBy = groups.Length == 0 ? null : "tenant",
        Groups = groups.ToDictionary(static group => group.Group, static group => new CalibrationGroup(10, group.Threshold, 0.5, new CalibrationPoint(group.Threshold, 0.3))),
        Created = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
    };
}
