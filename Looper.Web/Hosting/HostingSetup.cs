using Looper.Core;
using Looper.Web.Api;
using Looper.Web.Api.Personalizer;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>What surrounds the product: configuration, who is calling, limits, health.</summary>
public static class HostingSetup
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Configuration.GetValue<bool>($"{LooperOptions.Section}:{nameof(LooperOptions.Demo)}")) DemoSession.RefusePublicAddresses(builder.Configuration);
        builder.AddLogs();
        var services = builder.Services;
        services.AddOptions<LooperOptions>().BindConfiguration(LooperOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LooperOptions>, TrustedProxies.Validator>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.Value.BodyBytes;
        });
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = StopWithin);
        services.AddSingleton<IMemoryPoolFactory<byte>, WideBlocks>();
        services.AddProblemDetails().AddExceptionHandler<Faults>();
        services.AddJson().AddAuth().AddCaller().AddRateLimits();
        services.AddHealth().AddApiDescription().AddMetricsText();
        services.AddSingleton<DatabaseOpening>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseOpening>());
        services.AddHostedService<AccessRefresher>();
        services.AddHostedService<WorkKeeper>();
        services.AddHostedService<DatabaseCheckpoints>();
        services.AddHostedService<CutErasures>();
    }

    public static void UseHosting(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.UseSecurityHeaders();
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = context => context.Exception is Microsoft.AspNetCore.Http.BadHttpRequestException });
        app.UseCrossOriginGuard();
        app.UseRouting();
        app.UsePersonalizerAddresses();
        app.UseRoutingRefusals();
        app.UseBareRefusals();
        app.UseAuthentication();
        if (app.Services.GetRequiredService<IOptions<LooperOptions>>().Value.Demo) app.UseDemoSession();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    public static void MapHosting(this WebApplication app)
    {
        app.MapHealth();
        app.MapMetrics();
        app.MapApiDescription();
        app.MapSetup();
        app.MapSignIn();
        app.MapUsers();
        app.MapKeys();
        app.MapAudit();
        app.MapProfile();
    }
}
