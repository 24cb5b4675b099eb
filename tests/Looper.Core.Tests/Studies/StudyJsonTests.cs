using Looper.Core.Studies;

namespace Looper.Core.Tests.Studies;

public class StudyJsonTests
{
    [Fact]
    public void What_is_left_out_of_a_metric_is_not_known_rather_than_zero()
    {
        var metrics = StudyJson.ReadMetrics("""{"a":{"mean":1},"b":{},"c":{"mean":2,"standardError":0}}""");
        Assert.Equal((1, double.NaN, 0.0), (metrics["a"].Mean, metrics["a"].StandardError, metrics["a"].SharedVariance));
        Assert.True(double.IsNaN(metrics["b"].Mean));
        Assert.Equal(0, metrics["c"].StandardError);
        Assert.Equal(metrics, StudyJson.ReadMetrics(StudyJson.Write(metrics)));
    }
}
