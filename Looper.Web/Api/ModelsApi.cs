namespace Looper.Web.Api;

public static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}
