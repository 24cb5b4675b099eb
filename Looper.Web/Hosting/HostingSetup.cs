using Looper.Core;
using Microsoft.Extensions.Configuration.Json;

namespace Looper.Web.Hosting;

/// <summary>What surrounds the product: configuration, who is calling, health.</summary>
public static class HostingSetup
{
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        AddDefaults(builder.Configuration);
        builder.Services.AddOptions<LooperOptions>().BindConfiguration(LooperOptions.Section).ValidateOnStart();
        builder.Services.AddProblemDetails();
        builder.Services.AddCaller();
    }

    public static void UseHosting(this WebApplication app) => app.UseExceptionHandler();

    public static void MapHosting(this WebApplication app) => app.MapGet("/healthz", () => "Healthy").AllowAnonymous();

    /// <summary>The settings at the root of the repository lie beside the program; <c>dotnet run</c> looks in the project folder
    /// instead. They come first, so that everything else still wins.</summary>
    private static void AddDefaults(ConfigurationManager configuration)
    {
        var defaults = new JsonConfigurationSource { Path = Path.Combine(AppContext.BaseDirectory, "appsettings.json"), Optional = false };
        defaults.ResolveFileProvider();
        ((IConfigurationBuilder)configuration).Sources.Insert(0, defaults);
    }
}
