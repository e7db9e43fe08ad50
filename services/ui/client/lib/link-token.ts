import { type Ref, shallowRef, watch } from 'vue';
import { useRoute } from 'vue-router';

/**
 * The token behind the `#` of a link in a mail, which no server and no log sees. It is taken out of the address at once; a
 * second link that is opened in the same tab brings another.
 */
export function useLinkToken(): Readonly<Ref<string | undefined>> {
  const route = useRoute();
  const token = shallowRef(take());
  watch(
    () => route.hash,
    () => {
      token.value = take() ?? token.value;
    },
  );
  return token;
}

function take(): string | undefined {
  const token = /^#([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1];
  if (token) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
