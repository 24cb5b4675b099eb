using Looper.Core;
using Looper.Core.Simulation;

namespace Looper.Web.Hosting.Demo;

internal static class DemoSetup
{
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        builder.Services.AddSimulation();
        if (builder.Configuration.GetValue<bool>($"{LooperOptions.Section}:{nameof(LooperOptions.Demo)}")) builder.Services.AddHostedService<DemoDriver>();
    }
}
